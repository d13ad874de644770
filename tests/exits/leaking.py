"""
A function that leaks by every way out of a Python process; it has never heard of obskit.

An event names the way and brings what is to leak: `{"way": "by_print", "email": …, "card": …}`.
"""

import asyncio
import codecs
import gc
import io
import json
import logging
import logging.handlers
import queue
import sys
import threading
import warnings

# What code may hold from before the day that obskit came.
OLD_STDOUT = sys.stdout
OLD_WRITE = sys.stdout.write
assert sys.__stdout__ is not None
OLD_TEXT_WRITE = sys.__stdout__.write
OLD_BUFFER_WRITE = sys.__stdout__.buffer.write
OLD_HANDLER = logging.StreamHandler()
OLD_INNER_HANDLER = logging.StreamHandler(sys.__stdout__)


def handler(event, context):
    globals()[event["way"]](event["email"], event["card"])
    return {"done": event["way"]}


def by_print(email, card):
    print("paid by", email, "with", card)


def by_print_without_an_end(email, card):
    print(f"paid by {email} with {card}", end="")


def by_print_in_pieces(email, card):
    for piece in f"paid by {email} with {card}":
        print(piece, end="")
    print()


def by_print_to_stderr(email, card):
    print(email, card, file=sys.stderr)


def by_write(email, card):
    sys.stdout.write(f"{email}\n{card}\n")


def by_writelines(email, card):
    sys.stderr.writelines([email, " and ", card, "\n"])


def by_buffer(email, card):
    sys.stdout.buffer.write(f"{email} {card}\n".encode())
    sys.stdout.buffer.flush()


def by_dunder_stdout(email, card):
    print(email, card, file=sys.__stdout__, flush=True)


def by_dunder_stderr(email, card):
    sys.__stderr__.write(f"{email} {card}\n")
    sys.__stderr__.flush()


def by_old_stream(email, card):
    print(email, card, file=OLD_STDOUT)


def by_old_method(email, card):
    OLD_WRITE(f"{email} {card}\n")


def by_old_method_below(email, card):
    OLD_TEXT_WRITE(f"{email} {card}\n")
    sys.__stdout__.flush()


def by_old_method_of_the_buffer(email, card):
    OLD_BUFFER_WRITE(f"{email} {card}\n".encode())
    sys.__stdout__.buffer.flush()


def by_a_stream_of_its_own(email, card):
    stream = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8")
    print(email, card, file=stream)
    stream.flush()
    stream.detach()


def by_a_codec(email, card):
    codecs.getwriter("utf-8")(sys.stdout.buffer).write(f"{email} {card}\n")
    sys.stdout.flush()


def by_emf_of_another_library(email, card):
    metrics = [{"Namespace": "Other", "Dimensions": [["user"]], "Metrics": [{"Name": "Sold", "Unit": "Count"}]}]
    print(json.dumps({"_aws": {"Timestamp": 1, "CloudWatchMetrics": metrics}, "user": email, "note": card, "Sold": 1}))


def by_pretty_json(email, card):
    print(json.dumps({"customer": {"email": email, "card": card}}, indent=2))


def by_root_logger(email, card):
    logging.warning("paid by %s with %s", email, card)


def by_named_logger(email, card):
    logging.getLogger("shop.checkout").error("paid", extra={"email": email, "paid_with": card})


def by_named_arguments(email, card):
    logging.warning("paid by %(who)s with %(what)s", {"who": email, "what": card})


def by_structured_message(email, card):
    logging.getLogger("shop").warning({"customer": email, "note": card})


def by_logged_exception(email, card):
    try:
        try:
            raise KeyError(email)
        except KeyError as error:
            error.add_note(f"card {card}")
            raise ValueError(f"no customer {email}") from error
    except ValueError:
        logging.exception("failed")


def by_stack_info(email, card):
    logging.warning(f"{email} {card}", stack_info=True)


def by_arguments_that_do_not_fit(email, card):
    _by_handler(logging.StreamHandler(), f"{email} %d", card)


def by_logged_exception_itself(email, card):
    logging.getLogger("shop").error(ValueError(f"{email} {card}"))


def _by_handler(handler, *said):
    logger = logging.getLogger("own")
    logger.propagate = False
    logger.addHandler(handler)
    try:
        logger.warning(*said)
    finally:
        logger.removeHandler(handler)
        logger.propagate = True


def by_a_handler_of_its_own(email, card):
    _by_handler(logging.StreamHandler(), "paid by %s with %s", email, card)


def by_an_old_handler(email, card):
    _by_handler(OLD_HANDLER, "paid by %s with %s", email, card)


def by_an_old_handler_below(email, card):
    _by_handler(OLD_INNER_HANDLER, "paid by %s with %s", email, card)


def by_a_queue_of_records(email, card):
    records = queue.SimpleQueue()
    listener = logging.handlers.QueueListener(records, *logging.getLogger().handlers)
    listener.start()
    _by_handler(logging.handlers.QueueHandler(records), "paid by %s with %s", email, card)
    listener.stop()


def by_last_resort(email, card):
    logger = logging.getLogger("lonely")
    logger.propagate = False
    logger.warning("paid by %s with %s", email, card)


def by_a_format_of_its_own(email, card):
    (client,) = logging.getLogger().handlers
    before = client.formatter
    client.setFormatter(logging.Formatter("%(levelname)s:%(message)s\n"))
    try:
        logging.warning("paid by %s with %s", email, card)
    finally:
        client.setFormatter(before)


def by_warning(email, card):
    warnings.warn(f"{email} {card}", stacklevel=1)


def by_captured_warning(email, card):
    logging.captureWarnings(capture=True)
    warnings.warn(f"captured {email} {card}", stacklevel=1)
    logging.captureWarnings(capture=False)


def by_thread(email, card):
    def work():
        raise ValueError(f"{email} {card}")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def by_finalizer(email, card):
    class Held:
        def __del__(self):
            raise ValueError(f"{email} {card}")

    Held()
    gc.collect()


def by_excepthook(email, card):
    try:
        raise ValueError(f"{email} {card}")
    except ValueError:
        sys.excepthook(*sys.exc_info())


def by_task(email, card):
    async def work():
        raise ValueError(f"{email} {card}")

    async def main():
        asyncio.get_running_loop().create_task(work())  # nobody looks at it
        await asyncio.sleep(0)

    asyncio.run(main())
    gc.collect()


def by_error(email, card):
    raise ValueError(f"{email} {card}")


def by_source_line(email, card):
    raise ValueError("call ann@example.com, card 4111 1111 1111 1111")


def by_error_with_a_cause(email, card):
    try:
        raise KeyError(email)
    except KeyError as error:
        raise ValueError(card, email) from error


def by_exit(email, card):
    sys.exit(f"{email} {card}")


def by_exit_in_mid_line(email, card):
    print(email, card, end="")
    sys.exit(3)
