import pytest

from obskit.masking import policy


@pytest.fixture(scope="module", params=["plain", "governed"])
def both_walks(request):
    """Run the tests of a module under the plain walk and under the one that a policy needs."""
    if request.param == "governed":
        policy._policy = policy.Policy({"": {"keep_values": ["text that is nowhere else"]}}, "test")
        assert not policy._policy.plain
    yield
    policy.reset()
