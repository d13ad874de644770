"""Sentences as people write them to a shop, in four languages; names in braces are kinds."""

from __future__ import annotations

PERSONAL = (
    "Hello, please send the invoice to {e-mail} and call me on {phone, international} after six. Thanks!",
    "My card {card, visa} was charged twice for order {order id, 3-7-7}. The statement says {price} EUR.",
    "You can reach my wife at {phone, north american} or {e-mail}; the parcel {tracking number} never came.",
    "My date of birth is wrong in the profile: born on {date of birth}, not in 2024. Order {order id, ten digits}.",
    "I tried the new password in the app, then wrote to {e-mail}. Version {semantic version}, still the same error.",
    "Refund to {IBAN, grouped} please, not to the old account. Invoice {invoice number} of {date}.",
    "Guten Tag, bitte überweisen Sie auf {IBAN, grouped}. Meine Bestellung ist {order id, ten digits}.",
    "Ich bin geboren am {date of birth, written}, Telefon {phone, national}, und warte seit dem {date} auf das Paket.",
    "Die Rechnung {invoice number} ging an {e-mail}, die Adresse gibt es nicht mehr. Rückruf: {phone, international}.",
    "Meine Steuer-ID {DE tax id} fehlt auf der Gutschrift, ebenso die Rentenversicherungsnummer {DE pension number}.",
    "Bonjour, je suis née le {date of birth, written} et mon numéro est {phone, international}. Commande {order id, 3-7-7}.",
    "Veuillez écrire à {e-mail} ; la carte {card, grouped} a été refusée le {date}.",
    "Mon numéro de sécurité sociale : {FR NIR}. Je n'ai pas reçu le remboursement de {price} €.",
    "Hola, mi DNI {ES DNI or NIE} y mi correo {e-mail}. El pedido {order id, ten digits} llegó roto.",
    "Llámenme al {phone, international}; la factura {invoice number} está a nombre de otra persona.",
    "La fecha de nacimiento: {date of birth, written}. Mi IBAN es {IBAN, grouped}, gracias.",
    "SSN {US SSN} was typed into the order notes by mistake, please remove it. Ticket from {IPv4}.",
    "The NHS number {UK NHS} and the NINO {UK NINO, spaced} are on the form that I uploaded on {date}.",
)

PLAIN = (
    "The kettle {SKU} arrived on {date} with a scratch. Order {order id, 3-7-7}, price {price} EUR.",
    "Please change the delivery of parcel {tracking number} to Friday, before {time of day}.",
    "Since app version {semantic version} the search shows EAN {EAN-13} twice. Can you look into it?",
    "Die Lieferung {tracking number} ist beschädigt, Artikel {SKU}, Rechnung {invoice number} vom {date}.",
    "La commande {order id, ten digits} est arrivée le {date}, mais la lampe {SKU} ne fonctionne pas.",
    "El pedido {order id, 3-7-7} costó {price} euros; en la factura {invoice number} falta el descuento.",
    "I reset my password and everything works now, thank you. The card design is lovely!",
    "Seit dem {date} zeigt die App das Passwortfeld nicht mehr, Version {semantic version}.",
)
