"""Tables and their columns, for editors and type checkers. Made by `make docs`; do not edit."""

from typing import Any, Literal, overload

import pandas as pd

TableName = Literal["meps", "mandates", "memberships", "political_groups", "countries", "contacts", "portraits", "portrait_periods", "faces", "statements", "problems", "pages", "withdrawals"]

class MepsFrame(pd.DataFrame):
    """Members."""

    @overload  # type: ignore[override]
    def __getitem__(self, key: Literal["mep_id", "name", "given_name", "family_name", "sort_name", "official_given_name", "official_family_name", "name_lost_letters", "gender", "birth_date", "birth_place", "death_date", "citizenship", "country", "political_group", "national_party", "latest_term", "wikidata_id", "profile_url", "name_composed"]) -> pd.Series[Any]: ...
    @overload
    def __getitem__(self, key: str) -> pd.Series[Any]: ...
    @overload
    def __getitem__(self, key: Any) -> MepsFrame: ...
    mep_id: pd.Series[Any]
    name: pd.Series[Any]
    given_name: pd.Series[Any]
    family_name: pd.Series[Any]
    sort_name: pd.Series[Any]
    official_given_name: pd.Series[Any]
    official_family_name: pd.Series[Any]
    name_lost_letters: pd.Series[Any]
    gender: pd.Series[Any]
    birth_date: pd.Series[Any]
    birth_place: pd.Series[Any]
    death_date: pd.Series[Any]
    citizenship: pd.Series[Any]
    country: pd.Series[Any]
    political_group: pd.Series[Any]
    national_party: pd.Series[Any]
    latest_term: pd.Series[Any]
    wikidata_id: pd.Series[Any]
    profile_url: pd.Series[Any]
    name_composed: pd.Series[Any]

class MandatesFrame(pd.DataFrame):
    """Mandates."""

    @overload  # type: ignore[override]
    def __getitem__(self, key: Literal["mandate_id", "mep_id", "term", "country", "start_date", "end_date", "state", "first_seen", "last_seen", "source"]) -> pd.Series[Any]: ...
    @overload
    def __getitem__(self, key: str) -> pd.Series[Any]: ...
    @overload
    def __getitem__(self, key: Any) -> MandatesFrame: ...
    mandate_id: pd.Series[Any]
    mep_id: pd.Series[Any]
    term: pd.Series[Any]
    country: pd.Series[Any]
    start_date: pd.Series[Any]
    end_date: pd.Series[Any]
    state: pd.Series[Any]
    first_seen: pd.Series[Any]
    last_seen: pd.Series[Any]
    source: pd.Series[Any]

class MembershipsFrame(pd.DataFrame):
    """Memberships."""

    @overload  # type: ignore[override]
    def __getitem__(self, key: Literal["membership_id", "mep_id", "kind", "political_group", "body", "role", "term", "start_date", "end_date", "state", "first_seen", "last_seen", "source"]) -> pd.Series[Any]: ...
    @overload
    def __getitem__(self, key: str) -> pd.Series[Any]: ...
    @overload
    def __getitem__(self, key: Any) -> MembershipsFrame: ...
    membership_id: pd.Series[Any]
    mep_id: pd.Series[Any]
    kind: pd.Series[Any]
    political_group: pd.Series[Any]
    body: pd.Series[Any]
    role: pd.Series[Any]
    term: pd.Series[Any]
    start_date: pd.Series[Any]
    end_date: pd.Series[Any]
    state: pd.Series[Any]
    first_seen: pd.Series[Any]
    last_seen: pd.Series[Any]
    source: pd.Series[Any]

class PoliticalGroupsFrame(pd.DataFrame):
    """Political groups."""

    @overload  # type: ignore[override]
    def __getitem__(self, key: Literal["code", "ep_code", "name_en", "name_fr", "name_de", "name_es", "name_it", "start_date", "end_date", "predecessor", "note"]) -> pd.Series[Any]: ...
    @overload
    def __getitem__(self, key: str) -> pd.Series[Any]: ...
    @overload
    def __getitem__(self, key: Any) -> PoliticalGroupsFrame: ...
    code: pd.Series[Any]
    ep_code: pd.Series[Any]
    name_en: pd.Series[Any]
    name_fr: pd.Series[Any]
    name_de: pd.Series[Any]
    name_es: pd.Series[Any]
    name_it: pd.Series[Any]
    start_date: pd.Series[Any]
    end_date: pd.Series[Any]
    predecessor: pd.Series[Any]
    note: pd.Series[Any]

class CountriesFrame(pd.DataFrame):
    """Countries."""

    @overload  # type: ignore[override]
    def __getitem__(self, key: Literal["code", "code3", "ep_code", "name_en", "name_fr", "name_de", "name_es", "name_it", "joined", "left"]) -> pd.Series[Any]: ...
    @overload
    def __getitem__(self, key: str) -> pd.Series[Any]: ...
    @overload
    def __getitem__(self, key: Any) -> CountriesFrame: ...
    code: pd.Series[Any]
    code3: pd.Series[Any]
    ep_code: pd.Series[Any]
    name_en: pd.Series[Any]
    name_fr: pd.Series[Any]
    name_de: pd.Series[Any]
    name_es: pd.Series[Any]
    name_it: pd.Series[Any]
    joined: pd.Series[Any]
    left: pd.Series[Any]

class ContactsFrame(pd.DataFrame):
    """Contacts."""

    @overload  # type: ignore[override]
    def __getitem__(self, key: Literal["mep_id", "kind", "value", "source", "retrieved_at"]) -> pd.Series[Any]: ...
    @overload
    def __getitem__(self, key: str) -> pd.Series[Any]: ...
    @overload
    def __getitem__(self, key: Any) -> ContactsFrame: ...
    mep_id: pd.Series[Any]
    kind: pd.Series[Any]
    value: pd.Series[Any]
    source: pd.Series[Any]
    retrieved_at: pd.Series[Any]

class PortraitsFrame(pd.DataFrame):
    """Portraits."""

    @overload  # type: ignore[override]
    def __getitem__(self, key: Literal["portrait_id", "mep_id", "status", "is_current", "status_reason", "path", "width", "height", "captured_on", "photographer", "rights_status", "rights_holder", "credit_line", "rights_statement", "rights_url", "source_url", "first_seen", "last_seen", "bytes", "sha256", "phash", "face_count", "mode", "orientation", "icc_profile", "camera", "caption", "copyright_text", "usage_terms", "noai", "http_status", "problem", "basis"]) -> pd.Series[Any]: ...
    @overload
    def __getitem__(self, key: str) -> pd.Series[Any]: ...
    @overload
    def __getitem__(self, key: Any) -> PortraitsFrame: ...
    portrait_id: pd.Series[Any]
    mep_id: pd.Series[Any]
    status: pd.Series[Any]
    is_current: pd.Series[Any]
    status_reason: pd.Series[Any]
    path: pd.Series[Any]
    width: pd.Series[Any]
    height: pd.Series[Any]
    captured_on: pd.Series[Any]
    photographer: pd.Series[Any]
    rights_status: pd.Series[Any]
    rights_holder: pd.Series[Any]
    credit_line: pd.Series[Any]
    rights_statement: pd.Series[Any]
    rights_url: pd.Series[Any]
    source_url: pd.Series[Any]
    first_seen: pd.Series[Any]
    last_seen: pd.Series[Any]
    bytes: pd.Series[Any]
    sha256: pd.Series[Any]
    phash: pd.Series[Any]
    face_count: pd.Series[Any]
    orientation: pd.Series[Any]
    icc_profile: pd.Series[Any]
    camera: pd.Series[Any]
    caption: pd.Series[Any]
    copyright_text: pd.Series[Any]
    usage_terms: pd.Series[Any]
    noai: pd.Series[Any]
    http_status: pd.Series[Any]
    problem: pd.Series[Any]
    basis: pd.Series[Any]

class PortraitPeriodsFrame(pd.DataFrame):
    """Portrait periods."""

    @overload  # type: ignore[override]
    def __getitem__(self, key: Literal["portrait_id", "mep_id", "first_seen", "last_seen"]) -> pd.Series[Any]: ...
    @overload
    def __getitem__(self, key: str) -> pd.Series[Any]: ...
    @overload
    def __getitem__(self, key: Any) -> PortraitPeriodsFrame: ...
    portrait_id: pd.Series[Any]
    mep_id: pd.Series[Any]
    first_seen: pd.Series[Any]
    last_seen: pd.Series[Any]

class FacesFrame(pd.DataFrame):
    """Faces."""

    @overload  # type: ignore[override]
    def __getitem__(self, key: Literal["face_id", "portrait_id", "mep_id", "crop_path", "score", "left", "top", "width", "height", "right_eye_x", "right_eye_y", "left_eye_x", "left_eye_y", "nose_x", "nose_y", "right_mouth_x", "right_mouth_y", "left_mouth_x", "left_mouth_y", "eye_distance", "face_share", "roll", "yaw_proxy", "sharpness", "exposure", "dark_share", "bright_share", "illumination_balance", "background_uniformity", "crop_padding", "detector", "detector_version", "weights_sha256"]) -> pd.Series[Any]: ...
    @overload
    def __getitem__(self, key: str) -> pd.Series[Any]: ...
    @overload
    def __getitem__(self, key: Any) -> FacesFrame: ...
    face_id: pd.Series[Any]
    portrait_id: pd.Series[Any]
    mep_id: pd.Series[Any]
    crop_path: pd.Series[Any]
    score: pd.Series[Any]
    left: pd.Series[Any]
    top: pd.Series[Any]
    width: pd.Series[Any]
    height: pd.Series[Any]
    right_eye_x: pd.Series[Any]
    right_eye_y: pd.Series[Any]
    left_eye_x: pd.Series[Any]
    left_eye_y: pd.Series[Any]
    nose_x: pd.Series[Any]
    nose_y: pd.Series[Any]
    right_mouth_x: pd.Series[Any]
    right_mouth_y: pd.Series[Any]
    left_mouth_x: pd.Series[Any]
    left_mouth_y: pd.Series[Any]
    eye_distance: pd.Series[Any]
    face_share: pd.Series[Any]
    roll: pd.Series[Any]
    yaw_proxy: pd.Series[Any]
    sharpness: pd.Series[Any]
    exposure: pd.Series[Any]
    dark_share: pd.Series[Any]
    bright_share: pd.Series[Any]
    illumination_balance: pd.Series[Any]
    background_uniformity: pd.Series[Any]
    crop_padding: pd.Series[Any]
    detector: pd.Series[Any]
    detector_version: pd.Series[Any]
    weights_sha256: pd.Series[Any]

class StatementsFrame(pd.DataFrame):
    """Statements."""

    @overload  # type: ignore[override]
    def __getitem__(self, key: Literal["statement_id", "mep_id", "property", "value", "term", "role", "start_date", "end_date", "state", "source", "url", "retrieved_at", "basis", "is_chosen", "as_of"]) -> pd.Series[Any]: ...
    @overload
    def __getitem__(self, key: str) -> pd.Series[Any]: ...
    @overload
    def __getitem__(self, key: Any) -> StatementsFrame: ...
    statement_id: pd.Series[Any]
    mep_id: pd.Series[Any]
    property: pd.Series[Any]
    value: pd.Series[Any]
    term: pd.Series[Any]
    role: pd.Series[Any]
    start_date: pd.Series[Any]
    end_date: pd.Series[Any]
    state: pd.Series[Any]
    source: pd.Series[Any]
    url: pd.Series[Any]
    retrieved_at: pd.Series[Any]
    basis: pd.Series[Any]
    is_chosen: pd.Series[Any]
    as_of: pd.Series[Any]

class ProblemsFrame(pd.DataFrame):
    """Problems."""

    @overload  # type: ignore[override]
    def __getitem__(self, key: Literal["problem_id", "source", "kind", "property", "mep_id", "found", "expected", "hint", "url", "retrieved_at"]) -> pd.Series[Any]: ...
    @overload
    def __getitem__(self, key: str) -> pd.Series[Any]: ...
    @overload
    def __getitem__(self, key: Any) -> ProblemsFrame: ...
    problem_id: pd.Series[Any]
    source: pd.Series[Any]
    kind: pd.Series[Any]
    property: pd.Series[Any]
    mep_id: pd.Series[Any]
    found: pd.Series[Any]
    expected: pd.Series[Any]
    hint: pd.Series[Any]
    url: pd.Series[Any]
    retrieved_at: pd.Series[Any]

class PagesFrame(pd.DataFrame):
    """Pages."""

    @overload  # type: ignore[override]
    def __getitem__(self, key: Literal["url", "retrieved_at", "source", "status", "content_type", "bytes", "sha256", "etag", "last_modified", "origin", "via"]) -> pd.Series[Any]: ...
    @overload
    def __getitem__(self, key: str) -> pd.Series[Any]: ...
    @overload
    def __getitem__(self, key: Any) -> PagesFrame: ...
    url: pd.Series[Any]
    retrieved_at: pd.Series[Any]
    source: pd.Series[Any]
    status: pd.Series[Any]
    content_type: pd.Series[Any]
    bytes: pd.Series[Any]
    sha256: pd.Series[Any]
    etag: pd.Series[Any]
    last_modified: pd.Series[Any]
    origin: pd.Series[Any]
    via: pd.Series[Any]

class WithdrawalsFrame(pd.DataFrame):
    """Withdrawals."""

    @overload  # type: ignore[override]
    def __getitem__(self, key: Literal["mep_id", "scope", "withdrawn_on", "reason"]) -> pd.Series[Any]: ...
    @overload
    def __getitem__(self, key: str) -> pd.Series[Any]: ...
    @overload
    def __getitem__(self, key: Any) -> WithdrawalsFrame: ...
    mep_id: pd.Series[Any]
    scope: pd.Series[Any]
    withdrawn_on: pd.Series[Any]
    reason: pd.Series[Any]

class TypedTables:
    meps: MepsFrame
    mandates: MandatesFrame
    memberships: MembershipsFrame
    political_groups: PoliticalGroupsFrame
    countries: CountriesFrame
    contacts: ContactsFrame
    portraits: PortraitsFrame
    portrait_periods: PortraitPeriodsFrame
    faces: FacesFrame
    statements: StatementsFrame
    problems: ProblemsFrame
    pages: PagesFrame
    withdrawals: WithdrawalsFrame
