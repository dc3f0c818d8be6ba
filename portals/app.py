"""All stand-in portals in one app: `uvicorn portals.app:app`."""

from fastapi import FastAPI, HTTPException, Request
from starlette.applications import Starlette
from starlette.middleware import Middleware

from portals import (
    defence_exim,
    open_government_data,
    partnership_days,
    policy_compendium,
    press,
    srijan,
    srijan_deep,
    un_comtrade,
    world_bank,
)
from portals.arming import Armory, Fault, FaultMiddleware, is_from_loopback
from portals.registry import PORTALS

_APPS: dict[str, Starlette] = {
    "srijan_deep": srijan_deep.app(),
    "srijan": srijan.app(),
    "defence_exim": defence_exim.app(),
    "policy_compendium": policy_compendium.app(),
    "open_government_data": open_government_data.app(),
    "world_bank": world_bank.app(),
    "un_comtrade": un_comtrade.app(),
    "press": press.app(),
    "partnership_days": partnership_days.app(),
}

armory = Armory()
app = FastAPI(
    title="Utpadan: stand-in portals",
    openapi_url=None,
    middleware=[Middleware(FaultMiddleware, armory=armory)],
)


@app.get("/healthz")
def health() -> dict[str, object]:
    """Up, and with which portals."""
    return {"status": "ok", "portals": [portal.name for portal in PORTALS]}


@app.get("/_faults")
def armed_faults() -> list[Fault]:
    """The faults still armed."""
    return armory.armed()


@app.post("/_faults")
def arm_faults(faults: list[Fault], request: Request) -> list[Fault]:
    """Arms these faults instead of the present ones; from this machine only."""
    if not is_from_loopback(request):
        raise HTTPException(403, "faults are armed from this machine only")
    armory.arm(faults)
    return armory.armed()


for _portal in PORTALS:
    app.mount(_portal.path, _APPS[_portal.name])
