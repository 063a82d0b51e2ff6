"""Mistakes in the configuration, told as one sentence each that names the key."""

from collections.abc import Iterable, Mapping, Sequence

from pydantic import ValidationError

PREFIX = "IOT_"


class ConfigurationError(Exception):
    """The configuration cannot be used; the message has a sentence for every mistake."""


def explain(error: ValidationError, environment: Mapping[str, str]) -> str:
    """A sentence for every key that pydantic complains about; values of secrets and URLs are never repeated."""
    sentences = [_sentence(problem["loc"], problem["type"], problem["msg"], environment) for problem in error.errors()]
    return "\n".join(dict.fromkeys(sentences))


def _sentence(place: Sequence[int | str], kind: str, message: str, environment: Mapping[str, str]) -> str:
    text = message.removeprefix("Value error, ")
    if not place:
        return text
    where = f"Setting {'.'.join(str(part) for part in place)}{_source(place, environment)}"
    if kind == "extra_forbidden":
        return f"{where} does not exist: see configs/development.yaml for every key."
    return f"{where}: {text[:1].lower()}{text[1:]}."


def _source(place: Sequence[int | str], environment: Mapping[str, str]) -> str:
    keys = [str(part) for part in place if isinstance(part, str)]
    name = PREFIX + "__".join(keys).upper()
    return f" (from {name} in the environment)" if name in {key.upper() for key in environment} else ""


def unknown_variables(environment: Iterable[str], sections: Iterable[str]) -> list[str]:
    """A sentence for every variable that looks like one of ours and names no section or key that exists."""
    known = {section.upper() for section in sections}
    return [
        f"The environment variable {name} names no setting: see configs/development.yaml for every key."
        for name in sorted(environment)
        if name.upper().startswith(PREFIX) and name.upper().removeprefix(PREFIX).split("__")[0] not in known
    ]
