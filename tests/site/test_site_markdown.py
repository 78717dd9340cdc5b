"""Markdown of a package as HTML that the site's security policy lets show."""

from dontspy_data.site.pages import inline, to_html


def test_markup_and_pictures_are_text() -> None:
    shown = to_html("<script>alert(1)</script>\n\n![a](https://elsewhere.example/x.png)")
    assert "<script" not in shown
    assert "<img" not in shown
    assert inline("<b>`code`") == "&lt;b&gt;<code>code</code>"


def test_numbers_are_aligned_without_styles() -> None:
    shown = to_html("| a | n |\n|---|---:|\n| x | 1 |")
    assert "style" not in shown
    assert '<td class="num">1</td>' in shown
    assert shown.count("<div") == shown.count("</div>") == 1


def test_a_table_in_the_text_is_not_taken_for_one() -> None:
    assert "<div" not in to_html("`<table>` and <table>")


def test_headings_go_down_and_relative_links_to_the_package() -> None:
    shown = to_html(
        "# One\n\n###### Six\n\n[csv](data/meps.csv) [out](https://x.example) [here](#one)", base="../p/"
    )
    assert "<h2>One</h2>" in shown
    assert "<h6>Six</h6>" in shown
    assert 'href="../p/data/meps.csv"' in shown
    assert 'href="https://x.example"' in shown
    assert 'href="#one"' in shown


def test_front_matter_is_left_out_and_javascript_is_not_linked() -> None:
    shown = to_html("---\nlicense: cc-by-4.0\n---\n# Card\n\n[x](javascript:alert(1))")
    assert "license" not in shown
    assert "href" not in shown
