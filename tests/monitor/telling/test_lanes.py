"""What may go at the same time, however many wait."""

from monitor.telling.lanes import Due, Lanes

WAITING = [Due(f"d{number}", "email", f"email reader{number}@example.org", "email") for number in range(10)]


def test_a_channel_that_is_full_is_full_for_all_who_wait_on_it() -> None:
    lanes = Lanes({"email": 2, "webhook": 1})

    assert lanes.has_room("email")
    assert [due.id for due in WAITING if lanes.take(due)] == ["d0", "d1"]
    assert not lanes.has_room("email")
    assert lanes.has_room("webhook")
    lanes.leave(WAITING[0], failed=False)
    assert lanes.has_room("email")
    assert not lanes.take(WAITING[1]), "it is under way"
    assert lanes.take(WAITING[2])


def test_a_channel_set_aside_has_no_room() -> None:
    lanes = Lanes({"email": 2}, aside={"email"})

    assert not lanes.has_room("email")
    assert not lanes.take(WAITING[0])


def test_a_receiver_set_aside_or_busy_leaves_room_for_others() -> None:
    lanes = Lanes({"email": 3}, aside={WAITING[0].receiver})
    again = Due("other", "email", WAITING[1].receiver, "email")

    assert not lanes.take(WAITING[0])
    assert lanes.take(WAITING[1])
    assert not lanes.take(again)
    assert lanes.has_room("email")
