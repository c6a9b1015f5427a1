"""Mail addresses: the one form in which they are kept."""

import re


def check_address(address: str) -> str:
    """The canonical form of a mail address. Raises ValueError with what was expected and found."""
    from email.headerregistry import Address  # noqa: PLC0415 - it brings the grammar of mail

    expected = "expected a mail address such as reader@example.org"
    local, _, host = address.strip().rpartition("@")
    try:
        host = host.lower().encode("idna").decode("ascii")
        parsed = Address(username=local, domain=host)
    except (ValueError, IndexError) as problem:
        raise ValueError(f"{expected}, found {address!r} ({problem})") from None
    if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}", local) or not re.fullmatch(r"[a-z0-9.-]+", host):
        raise ValueError(f"{expected}, found {address!r}")
    if len(parsed.addr_spec) > 254 or local.startswith(".") or local.endswith(".") or ".." in local:
        raise ValueError(f"{expected}, found {address!r}")
    return f"{local}@{host}"
