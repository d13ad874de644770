"""Records of what functions send to others and get from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from obskit.testing.draft import as_number
from obskit.testing.shapes.parts import address, log_fields

if TYPE_CHECKING:
    from obskit.testing.placements import Filler, Node


def stripe_charge(filler: Filler) -> Node:
    card = {"brand": "visa", "exp_month": 11, "exp_year": 2029, "fingerprint": "Xt5EWLLDS7FJjR1c", "funding": "credit"}
    charge: dict[str, Node] = {
        "id": filler.harmless("Stripe id"),
        "object": "charge",
        "amount": as_number(filler.harmless("key session_count")),
        "created": as_number(filler.harmless("epoch s")),
        "currency": "eur",
        "payment_intent": filler.harmless("Stripe id"),
        "payment_method_details": {"card": card, "type": "card"},
        "status": "succeeded",
    }
    if filler.personal:
        charge["billing_details"] = {
            "name": filler.plant("key billing_details.name"),
            "email": filler.plant("key email"),
            "phone": filler.plant("phone, international"),
            "address": address(filler),
        }
        charge["receipt_email"] = filler.plant("key receipt_email")
        if filler.chance(0.4):
            charge["client_secret"] = filler.plant("Stripe client secret")
    return filler.with_fields(
        {"id": filler.harmless("Stripe id"), "type": "charge.succeeded", "data": {"object": charge}}
    )


def mail_request(filler: Filler) -> Node:
    """What goes to SES."""
    to = [filler.plant("e-mail")] if filler.personal else ["ops"]
    greeting = f"Hello, your order {filler.harmless('order id, 3-7-7')} left our warehouse."
    return filler.with_fields(
        {
            **log_fields(filler),
            "message": "mail sent",
            "request": {
                "Source": "no-reply",
                "Destination": {"ToAddresses": to, "BccAddresses": []},
                "Message": {"Subject": {"Data": "Your order"}, "Body": {"Text": {"Data": greeting}}},
            },
        }
    )
