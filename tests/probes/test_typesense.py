"""A real Typesense node, and servers that are none or have gone mad."""

from __future__ import annotations

import ssl
import threading
import tracemalloc

import pytest
from dirty_equals import IsFloat

from obskit import kpis
from obskit.demo.emulator import free_port
from obskit.probes import run, sockets, typesense
from obskit.probes.model import ProbeError
from obskit.probes.settings import Settings
from tests.probes.servers import TYPESENSE_KEY, Listener, answering, dripping, flooding, silent

MACHINE = {"system_cpu_active_percentage": "12.50", "typesense_memory_allocated_bytes": "1048576"}
TRAFFIC = {"total_requests_per_second": 2.5}


def ask(secret, timeout=10, **nodes):
    return run.run(run.checks(Settings({"timeout_s": timeout, "typesense": {"secret": secret, "nodes": nodes}})))


def failure(secret, port, timeout=10):
    (found,) = ask(secret, timeout, n1=f"http://127.0.0.1:{port}")
    assert () == found.measured.measurements
    assert found.failure is not None
    return found.failure.reason, found.failure.detail


def assert_no_thread_is_left():
    """The server still hangs, and nobody waits for it."""
    for thread in threading.enumerate():
        if thread.name.startswith("obskit-probe"):
            thread.join(10)
            assert not thread.is_alive()


def test_a_node_tells_its_cpu_memory_and_requests(typesense, search_key):
    (found,) = ask(search_key, n1=typesense.url)

    assert found.failure is None
    assert (
        (),
        [
            ("TypesenseCpu", IsFloat(ge=0, le=100)),
            ("TypesenseHeap", IsFloat(ge=1e6)),
            ("TypesenseRequests", IsFloat(ge=0)),
        ],
    ) == (
        found.measured.without,
        [(metric.name, value) for metric, value, _ in found.measured.measurements],
    )
    assert [{"node": "n1"}] * 3 == [dimensions for _, _, dimensions in found.measured.measurements]


def test_the_key_may_stand_in_a_document(typesense, secret):
    (found,) = ask(secret({"api_key": TYPESENSE_KEY}), n1=typesense.url + "/")

    assert found.failure is None


def test_one_node_that_is_down_does_not_hide_the_other(typesense, search_key):
    down, up = ask(search_key, n1=f"http://127.0.0.1:{free_port()}", n2=typesense.url)

    assert down.failure is not None
    assert ("typesense:n1", "unreachable") == (down.check.name, down.failure.reason)
    assert ("typesense:n2", None) == (up.check.name, up.failure)


def test_a_wrong_key_is_refused_and_shown_nowhere(typesense, secret, capfd):
    wrong = "wrong-key-" + "0000"

    (found,) = ask(secret(wrong), n1=typesense.url)

    assert found.failure is not None
    assert ("unauthorised", "HTTP 401") == (found.failure.reason, found.failure.detail)
    out, err = capfd.readouterr()
    assert wrong not in repr(found) + out + err


@pytest.mark.parametrize("speak", [silent, dripping], ids=["says nothing", "one byte at a time"])
def test_a_node_that_hangs_is_given_up(search_key, speak):
    with Listener(speak) as server:
        assert ("timeout", "0.4 s") == failure(search_key, server.port, timeout=0.4)
        assert_no_thread_is_left()


def test_an_answer_of_100_mb_is_cut_off(search_key):
    """What is read, and what it costs to read it, is bounded."""
    with Listener(flooding) as server:
        failure(search_key, free_port())  # boto3 and the secret, which have a size of their own
        tracemalloc.start()
        try:
            found = failure(search_key, server.port)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert ("too-large", f"more than {sockets.MOST_BYTES} bytes") == found
    assert peak < 8 * sockets.MOST_BYTES


@pytest.mark.parametrize(
    ("speak", "reason"),
    [
        (answering(200, "not JSON"), ("no-answer", "the answer is no JSON document")),
        (answering(200, "[" * 100_000), ("no-answer", "the answer is no JSON document")),
        (answering(200, []), ("no-answer", "the answer is no JSON document")),
        (answering(200, {"other": 1}), ("no-answer", "neither /metrics.json nor /stats.json has a key that is known")),
        (answering(503, {"message": "Not Ready or Lagging"}), ("failed", "HTTP 503")),
        (answering(302, ""), ("failed", "HTTP 302")),
        (answering(404, ""), ("missing", "HTTP 404")),
        (
            lambda connection, _over: connection.sendall(b"220 mail\r\n"),
            ("unreachable", "the connection ended, or does not speak HTTP"),
        ),
        (lambda connection, _over: connection.recv(9), ("unreachable", "the connection ended, or does not speak HTTP")),
    ],
)
def test_another_answer_has_a_reason(search_key, speak, reason):
    with Listener(speak) as server:
        assert reason == failure(search_key, server.port)


def test_https_needs_a_certificate_that_somebody_vouches_for(search_key, silent_port):
    """A node without TLS: the key is not sent to it."""
    (found,) = ask(search_key, 0.4, n1=f"https://127.0.0.1:{silent_port}")
    assert found.failure is not None
    assert "timeout" == found.failure.reason
    assert_no_thread_is_left()

    with Listener(answering(200, {})) as server:
        (found,) = ask(search_key, n1=f"https://127.0.0.1:{server.port}")
    assert found.failure is not None
    assert ("unreachable", "TLS failed") == (found.failure.reason, found.failure.detail)


def test_https_to_a_node_whose_certificate_somebody_vouches_for(certificate, search_key):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)

    def speak(connection, over):
        with context.wrap_socket(connection, server_side=True) as secured:
            answering(200, MACHINE | TRAFFIC)(secured, over)

    with Listener(speak) as server:
        nodes = {"n1": f"https://localhost:{server.port}"}

        def ask_with(ca):
            table = {"secret": search_key, "ca": ca, "nodes": nodes}
            (found,) = run.run(run.checks(Settings({"timeout_s": 10, "typesense": table})))
            failure = found.failure and (found.failure.reason, found.failure.detail)
            return [value for _, value, _ in found.measured.measurements], failure

        assert ([12.5, 1048576.0, 2.5], None) == ask_with(str(certificate[0]))
        assert ([], ("unreachable", "the server's certificate is not trusted")) == ask_with("")
        assert ([], ("settings", "the file of ca cannot be used: FileNotFoundError")) == ask_with("/nowhere.pem")
        assert ([], ("settings", "the file of ca cannot be used: SSLError")) == ask_with(str(certificate[1]))


@pytest.mark.parametrize(
    ("machine", "traffic", "values", "without"),
    [
        (MACHINE, TRAFFIC, [12.5, 1048576.0, 2.5], ()),
        (MACHINE, {}, [12.5, 1048576.0], ("TypesenseRequests",)),
        ({}, {"total_requests_per_second": 0}, [0.0], ("TypesenseCpu", "TypesenseHeap")),
        ({**MACHINE, "system_cpu_active_percentage": "nan"}, TRAFFIC, [1048576.0, 2.5], ("TypesenseCpu",)),
        ({**MACHINE, "system_cpu_active_percentage": None}, TRAFFIC, [1048576.0, 2.5], ("TypesenseCpu",)),
        ({**MACHINE, "system_cpu_active_percentage": {"a": 1}}, TRAFFIC, [1048576.0, 2.5], ("TypesenseCpu",)),
    ],
)
def test_a_key_that_is_missing_has_no_value(machine, traffic, values, without):
    """Not zero: a search cluster that is bored looks different from one that says nothing."""
    found = typesense.of(machine, traffic, "n1")

    assert (values, without) == ([one.value for one in found.measurements], found.without)


def test_no_key_at_all_is_no_answer():
    with pytest.raises(ProbeError, match="no-answer"):
        typesense.of({"uptime": "3"}, {}, "n1")


def test_the_metrics_are_the_platforms():
    assert [kpis.TYPESENSE_CPU, kpis.TYPESENSE_HEAP, kpis.TYPESENSE_REQUESTS] == [
        one.metric for one in typesense.of(MACHINE, TRAFFIC, "n1").measurements
    ]
