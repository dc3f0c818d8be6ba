-- What dim_vendor shows of a registered company, and the version of its history that lasts, differ.
with shown as (
    select * from {{ ref('dim_vendor') }}
    where registrations > 0
),

lasting as (
    select * from {{ ref('dim_vendor_history') }}
    where known_to is null and registrations > 0
)

select
    shown.canonical_name as shown_name,
    lasting.canonical_name as lasting_name
from shown
full join lasting on shown.vendor_id = lasting.vendor_id
where
    {{ stable_id([
        'shown.canonical_name', 'shown.vendor_type', 'shown.city', 'shown.state_code',
        'shown.founded_year', 'shown.website', 'shown.cin', 'shown.registrations',
    ]) }}
    <> {{ stable_id([
        'lasting.canonical_name', 'lasting.vendor_type', 'lasting.city', 'lasting.state_code',
        'lasting.founded_year', 'lasting.website', 'lasting.cin', 'lasting.registrations',
    ]) }}
