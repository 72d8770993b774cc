"""Tables that are cards on phones."""

from markupsafe import Markup

from slotline.pages.tables import as_cards

COLUMNS = [{"label": "Name"}, {"label": 'Of "us" & them'}]


def test_each_cell_says_what_it_is_and_what_others_wrote_stays_text() -> None:
    rows = Markup('<tr id="a"><th scope="row">{0}</th><td>{0}</td></tr>\n<tr><td>1<td class="number">2</tr>').format(
        "<td>"
    )
    assert as_cards(rows, COLUMNS) == (
        '<tr role="row" id="a"><th role="rowheader" data-label="Name" scope="row">&lt;td&gt;</th>'
        '<td role="cell" data-label="Of &#34;us&#34; &amp; them">&lt;td&gt;</td></tr>\n'
        '<tr role="row"><td role="cell" data-label="Name">1'
        '<td role="cell" data-label="Of &#34;us&#34; &amp; them" class="number">2</tr>'
    )


def test_a_cell_beyond_the_columns_has_no_label_and_other_tags_stay_as_they_are() -> None:
    row = Markup("<tr><td><table-like>1</table-like></td><td>2</td><td>3</td></tr>")
    assert as_cards(row, COLUMNS).endswith('<td role="cell" data-label="">3</td></tr>')
    assert "<table-like>" in as_cards(row, COLUMNS)
