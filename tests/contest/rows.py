"""A row of an entry that is in order, column by column."""

GOOD = {
    "entry_id": "ff-1",
    "contest": "fakeface",
    "title": "A title",
    "author": "An author",
    "url": "https://example.org/1",
    "mep_ids": "1 2",
    "original_portrait_id": "1-aaaaaaaaaaaa",
    "disclosure": "Made by software",
    "published_on": "2026-01-20",
    "shares": "3",
    "likes": "4",
    "counted_on": "2026-02-01",
    "counted_by": "The office",
    "evidence_url": "https://archive.example.org/1",
    "attachment": "",
}
