"""Files of pages: a name changes with its file, and a name of another release still finds one."""

from slotline.pages import assets


def test_a_name_holds_a_part_of_the_files_hash_and_finds_it_again():
    url = assets.url_of("base.css")
    assert url.startswith("/static/base.")
    assert assets.file_at(url.removeprefix("/static/")) == ("base.css", True)


def test_a_file_of_others_keeps_its_own_name_before_the_hash():
    url = assets.url_of("htmx.min.js")
    assert url.startswith("/static/htmx.min.")
    assert assets.file_at(url.removeprefix("/static/")) == ("htmx.min.js", True)
    assert assets.file_at("htmx.min.0123456789ab.js") == ("htmx.min.js", False)


def test_a_name_of_another_release_finds_the_file_of_this_one_and_says_so():
    assert assets.file_at("base.0123456789ab.css") == ("base.css", False)


def test_nothing_else_is_a_file():
    for name in ("", "base", ".css", "../kit.py", "kit.py", "..%2fkit.0.py", "base.css.map", "no.0123456789ab.css"):
        assert assets.file_at(name) is None, name


def test_a_script_is_named_by_its_hash_as_policies_do():
    # echo -n "alert(1)" | openssl dgst -sha256 -binary | base64
    assert assets.policy_hash("alert(1)") == "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"
