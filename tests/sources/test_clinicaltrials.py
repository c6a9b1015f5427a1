"""ClinicalTrials.gov: how the registry is asked, and what is read out of a study."""

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sources.base import Page, TooLong, Unexpected, Unreachable
from sources.clinicaltrials import SECTIONS, ClinicalTrials, ClinicalTrialsOptions
from sources.records import Study
from sources.study import INTERVENTIONS, PHASES, STATUSES, study

SAMPLES = Path(__file__).resolve().parents[1] / "samples" / "clinicaltrials"
ALS = json.loads((SAMPLES / "als-studies.json").read_bytes())["studies"]
VERGE = ALS[0]
BASE = "https://registry.test"


def source(**options: Any) -> ClinicalTrials:
    return ClinicalTrials(ClinicalTrialsOptions(**options), base_url=BASE)


def page(value: Any) -> Page:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Page(f"{BASE}/x", datetime(2026, 1, 1, tzinfo=UTC), 200, "application/json", "", lambda: body)


def changed(change: Callable[[Any], object]) -> Any:
    row = copy.deepcopy(VERGE)
    change(row)
    return row


def with_id(number: int) -> Any:
    row = copy.deepcopy(VERGE)
    row["protocolSection"]["identificationModule"]["nctId"] = f"NCT{number:08}"
    return row


def serve_version(**headers: str) -> None:
    respx.get(f"{BASE}/api/v2/version").mock(
        return_value=httpx.Response(200, json={"dataTimestamp": "2026-03-25T09:00:05"}, headers=headers)
    )


def answer(numbers: list[int], *, token: str | None = None, total: int | None = None) -> httpx.Response:
    body: dict[str, Any] = {"studies": [with_id(n) for n in numbers]}
    if token:
        body["nextPageToken"] = token
    if total is not None:
        body["totalCount"] = total
    return httpx.Response(200, json=body)


# Asking --------------------------------------------------------------------------------------------------------------


@respx.mock
def test_a_registry_that_did_not_move_is_asked_nothing_else(plain_fetch: Any) -> None:
    serve_version(**{"x-unchanged": "1"})

    pages = list(source(ids=["NCT04856982"]).pages(plain_fetch))

    assert [page.unchanged for page in pages] == [True]
    assert list(source().parse(pages[0])) == []


@respx.mock
def test_a_sweep_reads_everything_all_the_same(plain_fetch: Any) -> None:
    serve_version(**{"x-unchanged": "1"})
    respx.get(f"{BASE}/api/v2/studies").mock(return_value=answer([4856982], total=1))
    plain_fetch.sweep = True

    (studies,) = source(ids=["NCT04856982"]).pages(plain_fetch)

    assert studies.url.startswith(f"{BASE}/api/v2/studies")


@respx.mock
def test_the_search_is_walked_to_its_end_and_only_ids_it_missed_are_asked_for(plain_fetch: Any) -> None:
    serve_version()
    route = respx.get(f"{BASE}/api/v2/studies")
    route.side_effect = [answer([1, 2], token="two", total=3), answer([3]), answer([9], total=1)]

    wanted = source(condition="amyotrophic lateral sclerosis", ids=["NCT00000002", "nct00000009"], page_size=2)
    pages = list(wanted.pages(plain_fetch))

    first, second, third = plain_fetch.asked[1:]
    assert dict(first.params) == {
        "query.cond": "amyotrophic lateral sclerosis",
        "pageSize": "2",
        "countTotal": "true",
        "fields": SECTIONS,
    }
    assert second.params["pageToken"] == "two"
    assert dict(third.params) == {
        "filter.ids": "NCT00000009",
        "pageSize": "1000",
        "countTotal": "true",
        "fields": SECTIONS,
    }
    assert not any("LastUpdate" in str(url) for url in plain_fetch.asked)
    keys = [record.key for page in pages for record in wanted.parse(page) if isinstance(record, Study)]
    assert keys == ["NCT00000001", "NCT00000002", "NCT00000003", "NCT00000009"]


def whole(asked: httpx.Request) -> bool:
    """Whether posted results are asked for too."""
    return "fields" not in asked.url.params


class LongAnswers:
    """Asks like a client whose answers may hold so many studies, or so many with their results."""

    def __init__(self, ask: Any, most: int) -> None:
        self.ask, self.most, self.sweep = ask, most, False

    def __call__(self, url: str, **asked: Any) -> Page:
        found: Page = self.ask(url, **asked)
        if len(json.loads(found.body).get("studies", ())) > self.most:
            raise TooLong(f"{url}: too long, more than 33554432 bytes after unpacking")
        return found


def registry(asked: httpx.Request) -> httpx.Response:
    """Answers what is asked for by number, or pages of five studies of a search."""
    params = asked.url.params
    if "filter.ids" in params:
        numbers = [int(number[3:]) for number in params["filter.ids"].split(",")]
        return answer(numbers, total=len(numbers))
    size, first = int(params["pageSize"]), int(params.get("pageToken", "0"))
    token = str(first + size) if first + size < 5 else None
    return answer(list(range(first, min(first + size, 5))), token=token, total=5)


@respx.mock
@pytest.mark.parametrize("options", [{"ids": [f"NCT{n:08}" for n in range(5)]}, {"condition": "ALS", "page_size": 5}])
def test_an_answer_that_is_too_long_is_asked_for_in_smaller_lots(plain_fetch: Any, options: dict[str, Any]) -> None:
    serve_version()
    respx.get(f"{BASE}/api/v2/studies").mock(side_effect=registry)
    wanted = source(**options)

    pages = list(wanted.pages(LongAnswers(plain_fetch, most=2)))

    keys = [record.key for page in pages for record in wanted.parse(page) if isinstance(record, Study)]
    assert sorted(keys) == [f"NCT{n:08}" for n in range(5)]
    with pytest.raises(TooLong):
        list(wanted.pages(LongAnswers(plain_fetch, most=0)))


@respx.mock
def test_posted_results_are_not_asked_for_unless_the_registry_knows_no_choice(plain_fetch: Any) -> None:
    serve_version()
    route = respx.get(f"{BASE}/api/v2/studies")
    route.side_effect = lambda asked: registry(asked) if whole(asked) else httpx.Response(400, text="unknown field")

    pages = list(source(ids=["NCT00000001"], condition="ALS", page_size=5).pages(plain_fetch))

    assert [page.status for page in pages] == [200]
    assert sum(not whole(call.request) for call in route.calls) == 1
    route.side_effect = registry
    list(source(ids=["NCT00000001"], whole_records=True).pages(plain_fetch))
    assert whole(route.calls.last.request)


@respx.mock
def test_interventions_are_joined_and_phrases_quoted(plain_fetch: Any) -> None:
    serve_version()
    respx.get(f"{BASE}/api/v2/studies").mock(return_value=answer([], total=0))

    list(source(interventions=["PrimeC", "ciprofloxacin and celecoxib"]).pages(plain_fetch))

    assert plain_fetch.asked[1].params["query.intr"] == 'PrimeC OR "ciprofloxacin and celecoxib"'


@respx.mock
def test_an_alias_in_the_search_counts_as_found(plain_fetch: Any) -> None:
    serve_version()
    row = with_id(1)
    row["protocolSection"]["identificationModule"]["nctIdAliases"] = ["NCT00000002"]
    respx.get(f"{BASE}/api/v2/studies").mock(return_value=httpx.Response(200, json={"studies": [row]}))

    list(source(condition="ALS", ids=["NCT00000002"]).pages(plain_fetch))

    assert len(plain_fetch.asked) == 2


@respx.mock
def test_a_walk_whose_token_fails_starts_over_once(plain_fetch: Any) -> None:
    serve_version()
    route = respx.get(f"{BASE}/api/v2/studies")
    route.side_effect = [
        answer([1], token="old", total=2),
        httpx.Response(400, text="outdated page token"),
        answer([1], token="new", total=2),
        answer([2]),
    ]

    pages = list(source(condition="ALS").pages(plain_fetch))

    assert len(pages) == 2


@respx.mock
def test_trouble_that_stays_is_unreachable_and_a_named_pause_is_obeyed_at_once(plain_fetch: Any) -> None:
    serve_version()
    broken = [answer([1], token="t", total=2), httpx.Response(500)]
    respx.get(f"{BASE}/api/v2/studies").side_effect = [*broken, *broken]
    with pytest.raises(Unreachable, match="500"):
        list(source(condition="ALS").pages(plain_fetch))

    busy = [answer([1], token="t", total=2), httpx.Response(429, headers={"retry-after": "30"})]
    respx.get(f"{BASE}/api/v2/studies").side_effect = busy
    with pytest.raises(Unreachable) as caught:
        list(source(condition="ALS").pages(plain_fetch))
    assert caught.value.retry_after == 30


@pytest.mark.parametrize(
    ("walk", "said"),
    [
        ([([1, 2], "t", 3), ([2], None, None)], "NCT00000002 again"),
        ([([1], None, 2)], "expected the 2 studies it declares, found 1"),
        ([([], None, 5)], "expected the 5 studies it declares, found 0"),
    ],
)
@respx.mock
def test_pages_that_do_not_fit_together_twice_are_unexpected(
    plain_fetch: Any, walk: list[tuple[list[int], str | None, int | None]], said: str
) -> None:
    serve_version()
    answers = [answer(numbers, token=token, total=total) for numbers, token, total in walk]
    respx.get(f"{BASE}/api/v2/studies").side_effect = [*answers, *answers]

    with pytest.raises(Unexpected, match=said):
        list(source(condition="ALS").pages(plain_fetch))

    assert len(plain_fetch.asked) == 1 + 2 * len(answers)


@respx.mock
def test_pages_that_fit_at_the_second_walk_are_taken(plain_fetch: Any) -> None:
    serve_version()
    respx.get(f"{BASE}/api/v2/studies").side_effect = [answer([1], total=2), answer([1, 2], total=2)]

    assert len(list(source(condition="ALS").pages(plain_fetch))) == 1


def test_nothing_to_follow_or_a_mistyped_id_is_said(plain_fetch: Any) -> None:
    with pytest.raises(Unexpected, match="expected a condition, ids, interventions, genes or sponsors"):
        list(source().pages(plain_fetch))
    with pytest.raises(ValidationError, match="expected NCT and eight digits"):
        source(ids=["NCT485"])


# Reading -------------------------------------------------------------------------------------------------------------


def test_an_answer_a_bare_list_and_one_study_read_alike() -> None:
    readings = [list(source().parse(page(value))) for value in ({"studies": [VERGE]}, [VERGE], VERGE)]

    assert readings[0] == readings[1] == readings[2] == [study(VERGE)]


@pytest.mark.parametrize("value", [{}, {"error": "x"}, {"studies": {}}, "studies", 5, b"<html>Access denied</html>"])
def test_anything_else_is_refused(value: Any) -> None:
    with pytest.raises(Unexpected):
        list(source().parse(page(value)))


def test_a_study_that_cannot_be_read_leaves_the_others_alone() -> None:
    strange = changed(lambda row: row["protocolSection"]["statusModule"].update(overallStatus="PAUSED"))

    found = list(source().parse(page({"studies": [ALS[1], strange, ALS[2]]})))

    assert [type(one).__name__ for one in found] == ["Study", "Unexpected", "Study"]
    assert "NCT06215755.overallStatus: expected one of" in str(found[1])


def test_the_registrys_words_are_kept_as_they_are() -> None:
    content = study(VERGE).content()

    assert content["status"] == "TERMINATED"
    assert content["phases"] == ["PHASE1"]
    assert content["enrollment"] == 54
    assert content["has_results"] is False
    assert "expanded_access" not in content, "false and absent are the same"
    assert "last_update_posted" not in content
    assert set(content) <= set(ClinicalTrials.paths)


def test_sites_are_summed_up_and_their_state_may_vanish() -> None:
    def sites(row: Any) -> None:
        row["protocolSection"]["contactsLocationsModule"]["locations"] = [
            {"country": "Italy", "status": "RECRUITING"},
            {"country": "Israel", "status": "RECRUITING"},
            {"country": "Italy", "status": "WITHDRAWN"},
            {"country": "Canada"},
        ]

    content = study(changed(sites)).content()

    assert content["site_count"] == 4
    assert content["site_countries"] == ["Canada", "Israel", "Italy"]
    assert content["site_statuses"] == {"RECRUITING": 2, "WITHDRAWN": 1}
    bare = study(changed(lambda row: row["protocolSection"].pop("contactsLocationsModule"))).content()
    assert bare["site_count"] == 0
    assert "site_countries" not in bare
    assert "site_statuses" not in bare


def test_cities_of_one_name_in_two_states_are_two_places() -> None:
    def sites(row: Any) -> None:
        row["protocolSection"]["contactsLocationsModule"]["locations"] = [
            {"city": "Springfield", "state": "Illinois", "country": "United States", "status": "RECRUITING"},
            {"city": "Springfield", "state": "Oregon", "country": "United States", "status": "NOT_YET_RECRUITING"},
            {"city": "Springfield", "country": "United States", "status": "COMPLETED"},
            {"state": "Oregon", "country": "United States", "status": "COMPLETED"},
            {"city": "Turin", "state": "Piedmont", "country": "Italy", "status": "RECRUITING"},
        ]

    assert study(changed(sites)).content()["sites"] == {
        "Springfield, Illinois, United States": "1 RECRUITING",
        "Springfield, Oregon, United States": "1 NOT_YET_RECRUITING",
        "Springfield, United States": "1 COMPLETED",
        "Turin, Italy": "1 RECRUITING",
        "United States": "1 COMPLETED",
    }


def test_whole_values_are_kept_as_in_the_payload() -> None:
    events = [{"type": "RELEASE", "date": "2025-12-11"}, {"type": "RESET", "date": "2025-12-31"}]
    infos = [{"releaseDate": "2025-12-11", "resetDate": "2025-12-31"}, {"releaseDate": "2026-01-23"}]

    def results(row: Any) -> None:
        row["annotationSection"] = {"annotationModule": {"unpostedAnnotation": {"unpostedEvents": events}}}
        row["derivedSection"]["miscInfoModule"]["submissionTracking"] = {"submissionInfos": infos}

    content = study(changed(results)).content()

    assert content["unposted_events"] == events
    assert content["results_submissions"] == infos


def test_the_registrys_noise_is_no_content() -> None:
    def noise(row: Any) -> None:
        row["derivedSection"]["miscInfoModule"] = {"versionHolder": "2030-01-01", "modelPredictions": {"x": 1}}
        row["protocolSection"]["statusModule"]["statusVerifiedDate"] = "2030-01"
        row["protocolSection"]["statusModule"]["lastUpdateSubmitDate"] = "2030-01-01"
        row["protocolSection"]["statusModule"]["lastUpdatePostDateStruct"] = {"date": "2030-01-01", "type": "ACTUAL"}
        row["protocolSection"]["statusModule"].pop("expandedAccessInfo")

    assert study(changed(noise)).content() == study(VERGE).content()


def test_a_withheld_study_shows_little_more_than_its_name() -> None:
    def withhold(row: Any) -> None:
        kept = {"identificationModule", "statusModule"}
        for module in set(row["protocolSection"]) - kept:
            row["protocolSection"].pop(module)
        row["protocolSection"]["statusModule"] = {"overallStatus": "WITHHELD"}

    assert study(changed(withhold)).content() == {
        "title": VERGE["protocolSection"]["identificationModule"]["briefTitle"],
        "status": "WITHHELD",
        "status_text": "WITHHELD",
        "has_results": False,
        "site_count": 0,
    }


def test_the_sentinel_for_an_unknown_enrolment_is_no_number() -> None:
    row = changed(lambda row: row["protocolSection"]["designModule"].update(enrollmentInfo={"count": 99999999}))

    assert study(row).enrollment is None


@given(st.permutations(ALS), st.randoms(use_true_random=False))
def test_order_means_nothing(order: list[Any], random: Any) -> None:
    shuffled = copy.deepcopy(order)
    for row in shuffled:
        protocol = row["protocolSection"]
        random.shuffle(protocol["armsInterventionsModule"]["interventions"])
        random.shuffle(protocol.get("contactsLocationsModule", {}).get("locations", []))
    found = [one for one in source().parse(page(shuffled)) if isinstance(one, Study)]

    assert sorted(found, key=lambda one: one.key) == sorted(map(study, ALS), key=lambda one: one.key)


WORDS: dict[str, tuple[frozenset[str], Callable[[Any, str], object]]] = {
    "status": (STATUSES, lambda row, word: row["protocolSection"]["statusModule"].update(overallStatus=word)),
    "last status": (STATUSES, lambda row, word: row["protocolSection"]["statusModule"].update(lastKnownStatus=word)),
    "phase": (PHASES, lambda row, word: row["protocolSection"]["designModule"].update(phases=[word])),
    "kind": (
        frozenset({"INTERVENTIONAL", "OBSERVATIONAL", "EXPANDED_ACCESS"}),
        lambda row, word: row["protocolSection"]["designModule"].update(studyType=word),
    ),
    "intervention": (
        INTERVENTIONS,
        lambda row, word: row["protocolSection"]["armsInterventionsModule"]["interventions"][0].update(type=word),
    ),
    "date": (
        frozenset({"ACTUAL", "ESTIMATED"}),
        lambda row, word: row["protocolSection"]["statusModule"]["startDateStruct"].update(type=word),
    ),
    "enrolment": (
        frozenset({"ACTUAL", "ESTIMATED"}),
        lambda row, word: row["protocolSection"]["designModule"]["enrollmentInfo"].update(type=word),
    ),
    "site": (
        STATUSES,
        lambda row, word: row["protocolSection"]["contactsLocationsModule"]["locations"][0].update(status=word),
    ),
}


@pytest.mark.parametrize("name", WORDS)
@given(word=st.one_of(st.text(min_size=1, max_size=20).filter(str.strip), st.sampled_from(["recruiting", "Phase 3"])))
def test_an_unknown_word_never_makes_a_record(name: str, word: str) -> None:
    known, put = WORDS[name]
    if " ".join(word.split()) in known:
        return
    with pytest.raises(Unexpected, match="expected one of"):
        study(changed(lambda row: put(row, word)))


@pytest.mark.parametrize("name", WORDS)
def test_every_known_word_is_read(name: str) -> None:
    known, put = WORDS[name]
    for word in known:
        study(changed(lambda row, word=word: put(row, word)))


REQUIRED = (
    "protocolSection",
    "protocolSection.identificationModule",
    "protocolSection.identificationModule.nctId",
    "protocolSection.identificationModule.briefTitle",
    "protocolSection.statusModule",
    "protocolSection.statusModule.overallStatus",
    "protocolSection.statusModule.startDateStruct.date",
    "protocolSection.statusModule.completionDateStruct.date",
    "protocolSection.sponsorCollaboratorsModule",
    "protocolSection.sponsorCollaboratorsModule.leadSponsor",
    "protocolSection.sponsorCollaboratorsModule.leadSponsor.name",
    "protocolSection.designModule",
    "protocolSection.designModule.studyType",
    "protocolSection.designModule.phases",
    "protocolSection.designModule.enrollmentInfo.count",
    "protocolSection.armsInterventionsModule.interventions.0.type",
    "protocolSection.armsInterventionsModule.interventions.0.name",
    "protocolSection.contactsLocationsModule.locations.0.country",
    "hasResults",
)
DRIFTS: dict[str, Callable[[Any, Any], object]] = {
    "dropped": lambda holder, key: holder.pop(key),
    "renamed": lambda holder, key: holder.update({f"{key}New": holder.pop(key)}),
    "empty": lambda holder, key: holder.update({key: None}),
    "retyped": lambda holder, key: holder.update({key: {"value": [holder[key]]}}),
}


@pytest.mark.parametrize("drift", DRIFTS)
@pytest.mark.parametrize("path", REQUIRED)
def test_a_drifting_schema_is_refused_and_never_read_as_a_change(path: str, drift: str) -> None:
    row = copy.deepcopy(VERGE)
    holder: Any = row
    *way, last = path.split(".")
    for step in way:
        holder = holder[int(step)] if step.isdigit() else holder[step]
    DRIFTS[drift](holder, last)

    found = [problem for problem in source().parse(page({"studies": [row]}))]

    assert len(found) == 1
    assert isinstance(found[0], Unexpected)
    assert "expected" in str(found[0])


# The recordings ------------------------------------------------------------------------------------------------------


def differences(before: Any, after: Any) -> set[tuple[str, str, str]]:
    return {
        (ClinicalTrials.paths[name], json.dumps(before.get(name)), json.dumps(after.get(name)))
        for name in (before.keys() | after.keys()) - TOLD_BY_COUNTS
        if before.get(name) != after.get(name)
    }


TOLD_BY_COUNTS = {"sites"}
"""The recordings' table says of sites how many there are, in which countries and how they stand, not where each is."""


def test_the_recordings_differ_exactly_where_their_events_say(shared: Path) -> None:
    folder = shared / "recorded" / "clinicaltrials-v2"
    pairs = 0
    for line in (folder / "events.jsonl").read_text().splitlines():
        event = json.loads(line)
        ends = []
        for end in ("from", "to"):
            (record,) = source().parse(page((folder / event["record"] / f"{event[end]}.json").read_bytes()))
            assert isinstance(record, Study), record
            ends.append(record.content())
        wanted = {(c["path"], json.dumps(c["old"]), json.dumps(c["new"])) for c in event["changes"]}
        assert differences(*ends) == wanted, (event["record"], event["to"])
        pairs += 1
    assert pairs == 119


@pytest.mark.parametrize(
    "name", ["ctgov_invalid-nct-id_html_for_xml_request.html", "ctgov-v2_json_with_merge_conflict_markers.json"]
)
def test_recorded_answers_that_are_none_are_refused(shared: Path, name: str) -> None:
    with pytest.raises(Unexpected):
        list(source().parse(page((shared / "recorded" / "awkward" / name).read_bytes())))


def test_sites_ages_and_secondary_outcomes_are_read() -> None:
    def sites(row: Any) -> None:
        protocol = row["protocolSection"]
        protocol["contactsLocationsModule"] = {
            "locations": [
                {"facility": "A", "city": "Ulm", "country": "Germany", "status": "RECRUITING"},
                {"facility": "B", "city": "Ulm", "country": "Germany", "status": "COMPLETED"},
                {"facility": "C", "country": "Malta"},
            ]
        }
        protocol["eligibilityModule"] = {"minimumAge": "18 Years", "sex": "ALL", "healthyVolunteers": False}
        protocol["outcomesModule"] = {"secondaryOutcomes": [{"measure": "B"}, {"measure": "A", "timeFrame": "1 year"}]}

    read = study(changed(sites))

    assert read.sites == {"Malta": "1", "Ulm, Germany": "1 COMPLETED, 1 RECRUITING"}
    assert (read.minimum_age, read.maximum_age, read.sex, read.healthy_volunteers) == ("18 Years", None, "ALL", False)
    assert read.secondary_outcomes == ("A [1 year]", "B")
    odd = changed(lambda row: row["protocolSection"].update(eligibilityModule={"sex": "OTHER"}))
    with pytest.raises(Unexpected, match="sex: expected one of"):
        study(odd)


@respx.mock
def test_studies_are_found_by_condition_drug_gene_and_sponsor(plain_fetch: Any) -> None:
    serve_version()
    respx.get(f"{BASE}/api/v2/studies").mock(return_value=answer([], total=0))
    asked = source(condition="als", interventions=["tofersen"], genes=["SOD1", "C9orf72"], sponsors=["Biogen Idec"])

    list(asked.pages(plain_fetch))

    params = plain_fetch.asked[1].params
    assert (params["query.cond"], params["query.intr"]) == ("als", "tofersen")
    assert (params["query.term"], params["query.spons"]) == ("SOD1 OR C9orf72", '"Biogen Idec"')


def test_the_numbers_in_other_registries_are_read_and_those_of_grants_are_not() -> None:
    ids = [
        {"id": "U01NS107027", "type": "NIH"}, {"id": "2022-500101-36-00", "type": "CTIS"},
        {"id": "ISRCTN12345678", "type": "REGISTRY"}, {"id": "2020-004590-51", "type": "EUDRACT_NUMBER"}, {},
    ]  # fmt: skip
    row = changed(lambda row: row["protocolSection"]["identificationModule"].update(secondaryIdInfos=ids))

    assert study(row).others == ("2020-004590-51", "2022-500101-36-00", "ISRCTN12345678")
