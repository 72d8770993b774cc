"""Files of pages: a name changes with its file, and a name of another release still finds one."""

from slotline.pages import assets


def test_a_name_holds_a_part_of_the_files_hash_and_finds_it_again():
    url = assets.url_of("base.css")
    assert url.startswith("/static/base.")
    assert assets.file_at(url.removeprefix("/static/")) == ("base.css", True)


def test_a_name_of_another_release_finds_the_file_of_this_one_and_says_so():
    assert assets.file_at("base.0123456789ab.css") == ("base.css", False)


def test_nothing_else_is_a_file():
    for name in ("", "base", ".css", "../kit.py", "kit.py", "..%2fkit.0.py", "base.css.map", "no.0123456789ab.css"):
        assert assets.file_at(name) is None, name


def test_a_script_is_named_by_its_hash_as_policies_do():
    # echo -n "alert(1)" | openssl dgst -sha256 -binary | base64
    assert assets.policy_hash("alert(1)") == "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"
