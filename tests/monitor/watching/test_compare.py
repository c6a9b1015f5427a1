"""Comparing: whatever truly differs is found, form is not."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.vocabulary.differences import Difference
from monitor.watching.chain import canonical, fingerprint
from monitor.watching.compare import compare
from sources.records import Application, Product, Record, Study, Submission

PATHS = {"status": "protocolSection.statusModule.overallStatus"}

scalars = st.none() | st.integers(-5, 5) | st.text(max_size=5)  # a field has one type: 1 and True never meet
contents = st.dictionaries(st.sampled_from("abcdef"), scalars | st.lists(scalars, max_size=3), max_size=6)


def study(**fields: object) -> Study:
    told = {"key": "NCT06215755", "title": "VRG50635 in ALS", "url": "https://example.org", "status": "RECRUITING"}
    return Study.model_validate(told | fields)


def test_a_status_change_names_our_field_and_the_path_of_the_payload() -> None:
    before, after = study().content(), study(status="TERMINATED").content()
    assert compare(before, after, record=Study, paths=PATHS) == (
        Difference("status", PATHS["status"], "RECRUITING", "TERMINATED"),
    )


def test_absent_blank_and_empty_are_the_same() -> None:
    assert study(why_stopped="  ", phases=[]).content() == study().content()


def test_white_space_is_folded() -> None:
    assert study(title="VRG50635\n  in ALS").content() == study().content()


def test_when_the_registry_last_updated_is_no_change() -> None:
    assert study(last_update_posted="2025-12-15").content() == study().content()


def test_tables_are_compared_cell_by_cell() -> None:
    def application(marketing: str, **more: Submission) -> Application:
        products = {"001": Product(brand_name="RELYVRIO", marketing_status=marketing)}
        submissions = {"ORIG-1": Submission(status="AP"), **{k.replace("_", "-"): v for k, v in more.items()}}
        return Application(key="NDA216660", title="RELYVRIO", url="", submissions=submissions, products=products)

    before = application("Prescription").content()
    after = application("Discontinued", SUPPL_5=Submission(status="AP", status_date="20240404")).content()
    paths = {"products.marketing_status": "products[{key}].marketing_status"}
    found = compare(before, after, record=Application, paths=paths)
    assert [(d.field, d.path, d.before, d.after) for d in found] == [
        ("products[001].marketing_status", "products[001].marketing_status", "Prescription", "Discontinued"),
        ("submissions[SUPPL-5].documents", "submissions[SUPPL-5].documents", None, 0),
        ("submissions[SUPPL-5].status", "submissions[SUPPL-5].status", None, "AP"),
        ("submissions[SUPPL-5].status_date", "submissions[SUPPL-5].status_date", None, "20240404"),
    ]


@given(contents)
def test_nothing_differs_from_itself(content: dict[str, object]) -> None:
    assert compare(content, dict(reversed(content.items())), record=Record, paths={}) == ()
    assert fingerprint(content) == fingerprint(dict(reversed(content.items())))


@given(contents, contents)
def test_applying_the_differences_gives_the_new_content(before: dict[str, object], after: dict[str, object]) -> None:
    result = dict(before)
    for difference in compare(before, after, record=Record, paths={}):
        result[difference.field] = difference.after

    def present(content: dict[str, object]) -> bytes:
        return canonical({field: value for field, value in content.items() if value is not None})

    assert present(result) == present(after)


@given(contents, contents)
def test_equal_fingerprints_mean_no_difference(before: dict[str, object], after: dict[str, object]) -> None:
    if fingerprint(before) == fingerprint(after):
        assert compare(before, after, record=Record, paths={}) == ()
