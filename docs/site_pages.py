"""A hook of mkdocs: adds the pages that lie in the checkout's root, and turns links into the site's.

A link to what is no page (code, folders) becomes one into the repository where ``repo_url`` is set, and
plain text where it is not.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
PAGES = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?:|#)([^)#\s]+)(#[^)\s]*)?\)")
PICTURE = re.compile(r"(!\[[^\]]*\]\()docs/")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages of ``PAGES``."""
    for source, page in PAGES.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text()))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turns a page's links, which are right in the checkout, into links of the site."""
    source = next((name for name, uri in PAGES.items() if uri == page.file.src_uri), None)
    folder = "" if source else "docs"

    def turn(match: re.Match[str]) -> str:
        text, target, anchor = (
            match[1],
            posixpath.normpath(posixpath.join(folder, match[2])),
            match[3] or "",
        )
        uri = PAGES.get(target, target.removeprefix("docs/"))
        if files.get_file_from_path(uri) is not None:
            return f"[{text}]({uri}{anchor})"
        if not (ROOT / target).exists():
            return match[0]
        return f"[{text}]({config.repo_url}/blob/main/{target})" if config.repo_url else f"`{target}`"

    return PICTURE.sub(r"\1", LINK.sub(turn, markdown))
