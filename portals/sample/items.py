"""What fictional authorisations are about: kinds of goods by munitions category."""

from typing import NamedTuple


class Item(NamedTuple):
    """One kind of goods.

    `category` is the Wassenaar munitions category, `hs_code` the six-digit heading,
    `unit_price_inr` an order of magnitude from which a quantity follows, `weight` how often it
    comes up.
    """

    category: str
    description: str
    hs_code: str
    quantity_unit: str
    unit_price_inr: int
    weight: int


ITEMS: tuple[Item, ...] = (
    Item("ML1", "Barrels and receivers for small arms", "930591", "nos", 18_000, 5),
    Item("ML1", "Assault rifles, 7.62 mm", "930190", "nos", 95_000, 2),
    Item("ML2", "Artillery gun sub-assemblies, 155 mm", "930110", "sets", 21_000_000, 2),
    Item("ML2", "Mortar barrels, 81 mm", "930120", "nos", 450_000, 3),
    Item("ML3", "Ball cartridges, 5.56 mm", "930630", "nos", 42, 9),
    Item("ML3", "Ball cartridges, 9 mm", "930630", "nos", 30, 7),
    Item("ML3", "Empty shell bodies, 155 mm", "930690", "nos", 62_000, 10),
    Item("ML3", "Fuzes for artillery ammunition", "930690", "nos", 11_500, 8),
    Item("ML4", "Rocket motor casings", "930690", "nos", 780_000, 4),
    Item("ML4", "Airframe sections for missiles", "930690", "sets", 5_600_000, 2),
    Item("ML5", "Weapon-mounted day sights", "901310", "nos", 68_000, 5),
    Item("ML5", "Surveillance radar sub-assemblies", "852610", "sets", 9_400_000, 4),
    Item("ML6", "Mine-protected vehicles", "871000", "nos", 24_000_000, 3),
    Item("ML6", "Transmission parts for armoured vehicles", "871000", "sets", 640_000, 6),
    Item("ML7", "Full-face respirators against chemical agents", "902000", "nos", 14_000, 2),
    Item("ML8", "Propellent powder", "360100", "kg", 2_100, 4),
    Item("ML8", "Plastic-bonded explosive charges", "360200", "kg", 3_900, 3),
    Item("ML9", "Fast interceptor boats", "890610", "nos", 145_000_000, 1),
    Item("ML9", "Propulsion shafts for naval vessels", "848710", "nos", 7_200_000, 3),
    Item("ML10", "Aerostructure parts for transport helicopters", "880730", "sets", 1_900_000, 16),
    Item("ML10", "Machined parts for aero-engines", "841191", "nos", 86_000, 14),
    Item("ML10", "Wire harnesses for combat aircraft", "854430", "sets", 310_000, 9),
    Item("ML10", "Small unmanned aircraft for surveillance", "880692", "nos", 1_400_000, 4),
    Item("ML11", "Printed circuit assemblies for airborne computers", "853400", "nos", 54_000, 12),
    Item("ML11", "Radio sets, very high frequency", "851762", "nos", 390_000, 6),
    Item("ML11", "Microwave modules for electronic warfare", "852990", "nos", 730_000, 6),
    Item("ML12", "Test fixtures for kinetic-energy launchers", "903180", "sets", 3_300_000, 1),
    Item("ML13", "Ballistic helmets", "650610", "nos", 16_500, 8),
    Item("ML13", "Body armour vests", "630790", "nos", 27_000, 9),
    Item("ML13", "Ceramic armour plates", "690919", "nos", 12_800, 7),
    Item("ML14", "Part-task trainers for gunners", "902300", "sets", 8_800_000, 2),
    Item("ML15", "Passive night vision monoculars", "900580", "nos", 175_000, 5),
    Item("ML15", "Thermal imaging cores", "852589", "nos", 410_000, 4),
    Item("ML16", "Closed-die forgings for gun barrels", "732619", "nos", 96_000, 8),
    Item("ML16", "Investment castings for missile parts", "732599", "nos", 31_000, 6),
    Item("ML17", "Cargo parachutes", "880400", "nos", 220_000, 3),
    Item("ML17", "Bridging equipment, modular", "730810", "sets", 16_000_000, 1),
    Item("ML18", "Gauges and jigs for shell machining", "903180", "sets", 1_150_000, 4),
    Item("ML19", "Laser source modules for dazzlers", "901320", "nos", 2_700_000, 1),
    Item("ML20", "Cryogenic coolers for infrared detectors", "841869", "nos", 520_000, 1),
    Item("ML21", "Mission planning software licences", "852349", "nos", 1_300_000, 4),
    Item("ML22", "Build-to-print drawings and process sheets", "490600", "sets", 900_000, 5),
)
