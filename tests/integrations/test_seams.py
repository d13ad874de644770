"""Methods of foreign classes, replaced and put back."""

import abc

import pytest

from obskit.errors import IntegrationError
from obskit.integrations.seams import Seams


def louder(original):
    def replaced(self, *args):
        return original(self, *args).upper() + "!"  # twice would be heard

    return replaced


def family():
    class Base:
        def say(self):
            return "base"

    class Silent(Base):
        pass

    class Own(Silent):
        def say(self):
            return "own " + super().say()

    return Base, Silent, Own


def test_objects_that_exist_speak_through_the_seam():
    base, silent, own = family()
    before = [base(), silent(), own()]
    seams = Seams("family 1.0")

    seams.everywhere(base, "say", louder)

    assert ["BASE!", "BASE!", "OWN BASE!!"] == [each.say() for each in before]


def test_a_class_that_is_made_later_is_found():
    base, silent, _ = family()
    seams = Seams("family 1.0")
    seams.everywhere(base, "say", louder)

    class Late(silent):
        def say(self):
            return "late"

    class Later(Late):
        pass

    assert ("LATE!", "LATE!") == (Late().say(), Later().say())


def test_a_base_with_a_hook_of_its_own_keeps_it():
    made = []

    class Base:
        def __init_subclass__(cls, **options):
            super().__init_subclass__()
            made.append(cls.__name__ + str(options))

        def say(self):
            return "base"

    hook = vars(Base)["__init_subclass__"]
    seams = Seams("family 1.0")
    seams.everywhere(Base, "say", louder)

    class Late(Base, loud=True):
        def say(self):
            return "late"

    seams.undo()

    assert ["Late{'loud': True}"] == made
    assert hook is vars(Base)["__init_subclass__"]
    assert "late" == Late().say()


def test_all_is_put_back():
    base, silent, own = family()
    was = [dict(vars(each)) for each in (base, silent, own)]
    seams = Seams("family 1.0")
    seams.everywhere(base, "say", louder)
    seams.method(silent, "say", louder)  # inherited: it gets one, and loses it again

    seams.undo()
    seams.undo()

    assert was == [dict(vars(each)) for each in (base, silent, own)]


def test_an_abstract_method_stays_one():
    class Base(abc.ABC):
        @abc.abstractmethod
        def say(self): ...

    class Real(Base):
        def say(self):
            return "real"

    seams = Seams("family 1.0")
    seams.everywhere(Base, "say", louder)

    assert "REAL!" == Real().say()
    with pytest.raises(TypeError, match="abstract"):
        Base()


def test_a_missing_method_is_an_error_that_names_version_and_method():
    base, silent, own = family()
    seams = Seams("family 1.0")

    with pytest.raises(IntegrationError, match=r"family 1\.0 has no .*Base\.shout, which obskit masks through"):
        seams.method(base, "shout", louder)
    with pytest.raises(IntegrationError, match=r"has no .*Silent\.say,"):
        seams.require(silent, "say")
    with pytest.raises(IntegrationError, match=r"has no call of shout in .*Own\.say"):
        seams.require_call(own.say, "shout")
    seams.require(own, "say")
    seams.require_call(own.say, "say")
