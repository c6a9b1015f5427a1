"""What is said of a filter that cannot be taken; known apart from the filters, which every command would import."""


class Unaccepted(ValueError):
    """A filter has a value that is not accepted. `field` names it, the text says what was expected and found."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(problem)
        self.field = field
