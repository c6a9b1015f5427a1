"""How sure a thing is, in words: whose word it is, what an approval hangs on, what is no fact (yet): tables."""

UNTOLD = {
    "held": "Not checked yet, it may be wrong: ",
    "dismissed": "This was wrong: ",
    "corrected": "This was corrected: ",
}
"""States in which an event is no fact, and what stands before its sentence."""

SAYS = {2: "A filing says: ", 3: "The company says: ", 4: "Press or community say: "}
"""Tier to what stands before the act of an authority that only others have told of."""

MUST_SHOW_MORE = "The maker must still show more. If it does not, the approval can be taken back."
CONDITIONS = dict.fromkeys(("accelerated", "conditional", "noc_c"), MUST_SHOW_MORE) | {
    "exceptional_circumstances": "Full data cannot be expected. The approval is looked at again every year.",
}
"""Kind of approval to what it hangs on; the other kinds hang on nothing."""

IF_CONFIRMED = "Once the authority confirms it: "

TELLERS = {1: "regulator notice", 2: "register or legal filing", 3: "company statement", 4: "press or community report"}
SURE = {"stated": "certain", "reported": "reported", "disputed": "sources disagree"}
ANNOUNCED = {
    2: "a filing of the company says so, no authority has yet",
    3: "the company says so, no authority has yet",
    4: "press or community say so, neither the company nor an authority has yet",
}
