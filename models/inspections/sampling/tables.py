"""The records of sampling: the sampling record (采样记录单), its samples, and reports of the laboratory.

A sampling record is a form of its own, signed at the site, so it is sealed by itself: it names its inspection
but is not a part of it (生态环境行政处罚办法 2023 art. 29). The inspection's seal states the digests of the
sampling seals. Who carried a sample is `custody` (`models.inspections.tables`), what the laboratory found is
`measurement`.
"""

from __future__ import annotations

from models.store.records import BooleanField, IntegerField, Record, TextField, record


@record("sampling", version=1, search=("number", "site_name", "site_code", "point"), owner="inspection")
class Sampling(Record):
    """One sampling at one point; which fields it has beside the common ones follows from `matter`."""

    inspection = TextField(null=True, index=True)
    number = TextField(null=True, index=True)
    """"CY-" and unit, date, device tag, count; made offline."""
    matter = TextField(null=True)
    """One of `rules.MATTERS`: water, air, solid, noise."""
    site = TextField(null=True)
    site_name = TextField(null=True)
    site_code = TextField(null=True)
    sampler_unit = TextField(null=True)
    """采样单位."""
    first_officer = TextField(null=True)
    second_officer = TextField(null=True)
    began_at = IntegerField(null=True)
    """ms since 1970 UTC."""
    ended_at = IntegerField(null=True)
    symbol = TextField(null=True)
    """The point's kind in the sketch: a key of `rules.SYMBOLS`."""
    point = TextField(null=True)
    location = TextField(null=True)
    latitude = TextField(null=True)
    """Degrees as decimal text."""
    longitude = TextField(null=True)
    method = TextField(null=True)
    """The technical norm that was followed, as HJ 91.1."""
    instrument = TextField(null=True)
    instrument_number = TextField(null=True)
    calibration = TextField(null=True)
    weather = TextField(null=True)
    production = TextField(null=True)
    """生产工况."""
    treatment = TextField(null=True)
    """治污设施运行."""
    abnormal = TextField(null=True)

    sampled = TextField(null=True)
    """"instant" or "composite" (J5, J6)."""
    portions = IntegerField(null=True)
    """Of a composite sample: how many were mixed."""
    interval = TextField(null=True)
    outlet = TextField(null=True)
    """"workshop" or "total" (J7)."""
    water = TextField(null=True)
    """Receiving water: a key of `models.law.limit_data.waters`."""
    discharge_to = TextField(null=True)
    flow = TextField(null=True)
    """m³/h, decimal text, as all values below."""
    ph = TextField(null=True)
    temperature = TextField(null=True)
    """Of the water, ℃."""
    colour = TextField(null=True)
    transparency = TextField(null=True)
    """cm."""
    conductivity = TextField(null=True)
    """μS/cm."""

    outlet_number = TextField(null=True)
    section = TextField(null=True)
    """断面位置."""
    stack = TextField(null=True)
    """Height, m."""
    load = TextField(null=True)
    """Per cent of the rated load."""
    gas_temperature = TextField(null=True)
    gas_pressure = TextField(null=True)
    """kPa."""
    humidity = TextField(null=True)
    """Per cent."""
    velocity = TextField(null=True)
    """m/s."""
    dry_flow = TextField(null=True)
    """标干流量, m³/h."""
    oxygen = TextField(null=True)
    """Per cent."""
    volume = TextField(null=True)
    """Sampled, L."""

    solid_kind = TextField(null=True)
    depth = TextField(null=True)
    """cm, from–to."""
    surroundings = TextField(null=True)

    calibrator = TextField(null=True)
    calibration_before = TextField(null=True)
    calibration_after = TextField(null=True)
    leq = TextField(null=True)
    """dB(A)."""
    l10 = TextField(null=True)
    l50 = TextField(null=True)
    l90 = TextField(null=True)
    background = TextField(null=True)
    air_temperature = TextField(null=True)
    wind = TextField(null=True)
    rain = BooleanField(null=True)
    """Rain, snow, thunder or lightning."""
    sound_source = TextField(null=True)
    zone = TextField(null=True)
    period = TextField(null=True)
    """"day" or "night"."""

    signed = TextField(null=True)
    """Of the party: "signed", "refused" or "absent"."""
    signer = TextField(null=True)
    refusal_reason = TextField(null=True)
    witness_name = TextField(null=True)
    witness_id = TextField(null=True)


@record("sample", version=1, search=("number", "name", "items"), parent="sampling")
class Sample(Record):
    """One sample under one number: its bottles or filters carry the number on their labels."""

    sampling = TextField(null=True, index=True)
    number = TextField(null=True, index=True)
    """Number of the sampling record and a count; unique."""
    name = TextField(null=True)
    role = TextField(null=True)
    """One of `rules.ROLES`: ordinary, parallel, blank."""
    parallel_of = TextField(null=True)
    """Id of the sample whose parallel it is."""
    items = TextField(null=True)
    """What is to be measured, joined by 、."""
    container = TextField(null=True)
    preservation = TextField(null=True)
    """固定剂/保存条件."""
    bottles = IntegerField(null=True)
    amount = TextField(null=True)
    taken_at = IntegerField(null=True)
    """ms since 1970 UTC."""
    hold_hours = TextField(null=True)
    """Hours within which it must be at the laboratory, decimal text, as its method has it."""
    note = TextField(null=True)


@record("lab_report", version=1, search=("number", "laboratory", "site_name"))
class LabReport(Record):
    """A report of a laboratory with what 环境行政处罚办法 2010 art. 35 asks; its values are measurements."""

    inspection = TextField(null=True, index=True)
    """The visit. Not its parent: the results come after its seal."""
    number = TextField(null=True, index=True)
    laboratory = TextField(null=True)
    """Full name."""
    cma = TextField(null=True)
    """Number of the CMA mark."""
    client = TextField(null=True)
    reported_on = TextField(null=True)
    """YYYY-MM-DD."""
    received_on = TextField(null=True)
    compiled_by = TextField(null=True)
    checked_by = TextField(null=True)
    issued_by = TextField(null=True)
    stamped = BooleanField(null=True)
    site_name = TextField(null=True)
    file_sha256 = TextField(null=True)
    """Of the file that it was taken from; that lies in the vault."""
    told_on = TextField(null=True)
    """When the party was told the result, YYYY-MM-DD."""
    told_how = TextField(null=True)
    told_to = TextField(null=True)
