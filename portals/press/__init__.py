"""Press releases on defence production: an RSS 2.0 feed and an HTML page for each release."""

from datetime import datetime
from email.utils import format_datetime
from functools import cache, lru_cache
from html import escape
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portals.data import DATA_DIR, last_modified
from portals.press.releases import Release, files, releases
from portals.registry import portal
from portals.web import conditional, etag_of, html_error, portal_app

_MINISTRY = "Ministry of Defence"
_DISCLAIMER = (
    "Written for a stand-in portal; not a release of any ministry. The figures are those of the "
    "sources named here."
)


def app() -> Starlette:
    """The portal, to be mounted."""
    return portal_app(
        [
            Route("/rss/defence-production.xml", _feed),
            Route("/releases/{release_id}.html", _page),
        ],
        html_error,
    )


def _feed(request: Request) -> Response:
    site = f"{request.url.scheme}://{request.url.netloc}{portal('press').path}"
    return conditional(
        request,
        _rss(site).encode(),
        "application/rss+xml; charset=utf-8",
        _modified(),
        etag=etag_of(_rss("").encode()),  # the host a client calls us by is not content
    )


def _page(request: Request) -> Response:
    release = _by_id().get(request.path_params["release_id"])
    if release is None:
        raise HTTPException(404, "There is no such release.")
    return conditional(request, _html(release).encode(), "text/html; charset=utf-8", _modified())


def _modified() -> datetime:
    return last_modified(Path(__file__), *files(), *DATA_DIR.glob("*/*.csv"))


@cache
def _by_id() -> dict[str, Release]:
    return {release.release_id: release for release in releases()}


@lru_cache(maxsize=8)
def _rss(site: str) -> str:
    items = "".join(_item(site, release) for release in releases())
    newest = format_datetime(releases()[0].published_at)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0">\n<channel>\n'
        "<title>Defence production: press releases</title>\n"
        f"<link>{escape(site)}/rss/defence-production.xml</link>\n"
        f"<description>{_DISCLAIMER}</description>\n<language>en-in</language>\n"
        f"<lastBuildDate>{newest}</lastBuildDate>\n{items}</channel>\n</rss>\n"
    )


def _item(site: str, release: Release) -> str:
    return (
        f"<item>\n<title>{escape(release.headline)}</title>\n"
        f"<link>{escape(site)}/releases/{release.release_id}.html</link>\n"
        f'<guid isPermaLink="false">{release.release_id}</guid>\n'
        f"<pubDate>{format_datetime(release.published_at)}</pubDate>\n"
        f"<category>{_MINISTRY}</category>\n"
        f"<description>{escape(release.summary)}</description>\n</item>\n"
    )


def _html(release: Release) -> str:
    body = "\n".join(f"<p>{escape(text)}</p>" for text in release.paragraphs)
    sources = {row["source_url"]: row.get("publisher") or "source" for row in release.sources}
    links = "\n".join(
        f'<li><a href="{escape(url)}">{escape(name)}</a></li>' for url, name in sources.items()
    )
    return (
        '<!DOCTYPE html>\n<html lang="en-IN">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(release.headline)}</title>\n</head>\n<body>\n"
        f'<div class="ministry">{_MINISTRY}</div>\n'
        f'<h1 class="headline">{escape(release.headline)}</h1>\n'
        f'<div class="date-line">{_date_line(release)}</div>\n'
        f'<div class="body">\n{body}\n</div>\n'
        '<div class="signature">***</div>\n<footer>\n'
        f"<p>(Release ID: {release.release_id})</p>\n<p>{_DISCLAIMER}</p>\n"
        f'<ul class="sources">\n{links}\n</ul>\n</footer>\n</body>\n</html>\n'
    )


def _date_line(release: Release) -> str:
    moment = release.published_at
    hour = moment.hour % 12 or 12
    half = "AM" if moment.hour < 12 else "PM"
    day = f"{moment:%d %b %Y}".upper()
    return f"Posted On: {day} {hour}:{moment:%M}{half} by Press Desk, Delhi"
