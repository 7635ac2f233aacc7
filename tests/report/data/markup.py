"""A strict reader of HTML: what is opened is closed, in order, and stands where it may."""

from html.parser import HTMLParser

VOID = {"meta", "input", "col", "br"}
BLOCKS = {"div", "p", "ul", "table", "pre", "details", "section", "h1", "h2", "h3", "h4", "main"}


class Reader(HTMLParser):
    """Collects the elements with their attributes, and the text outside of style and script."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.opened: list[str] = []
        self.elements: list[dict[str, str]] = []
        self.text: list[str] = []
        self.codes: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), attrs
        assert "style" not in names
        assert not any(name.startswith("on") for name in names)
        parent = self.opened[-1] if self.opened else ""
        assert tag not in BLOCKS or parent not in {"p", "span", "code", "pre", "h1"}, (parent, tag)
        assert parent != "ul" or tag == "li"
        assert parent != "tr" or tag == "td"
        assert tag != "summary" or parent == "details"
        self.elements.append({"tag": tag} | {name: value or "" for name, value in attrs})
        if tag not in VOID:
            self.opened.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.opened, tag
        assert self.opened.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.opened and self.opened[-1] in {"style", "script"}:
            self.codes[self.opened[-1]] = data
        else:
            self.text.append(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.opened == []
    ids = [element["id"] for element in reader.elements if "id" in element]
    assert len(ids) == len(set(ids))
    return reader


def tree_of(page: str) -> list[dict[str, str]]:
    return read(page).elements


def texts_of(page: str) -> str:
    return "".join(read(page).text)
