{%- set naming_columns = [
    ('corridor_units', 'company', 'corridor_unit'),
    ('dpsu_turnover', 'dpsu', 'dpsu'),
    ('events', 'organiser', 'organiser'),
    ('export_destinations', 'exporter', 'exporter'),
    ('idex_contracts', 'vendor', 'contractor'),
    ('idex_winners', 'winner_vendor', 'challenge_winner'),
    ('mous', 'party_a', 'party'),
    ('mous', 'party_b', 'party'),
    ('tdf_projects', 'awardee', 'project_awardee'),
    ('technology_transfers', 'licensee_vendor', 'licensee'),
    ('test_facilities', 'lead_agency', 'consortium_leader'),
    ('test_facilities', 'consortium', 'consortium_member'),
] -%}

with registrations as (
    select
        'srijan_deep_vendors' as source_name,
        'registrant' as role,
        vendor_name,
        canonical_name,
        source_url,
        {{ published_from() }} as published_from
    from {{ ref('stg_srijan_deep_vendors') }}
),

aliases as (
    select
        'vendor_aliases' as source_name,
        'alias' as role,
        alias as vendor_name,
        canonical_name,
        source_url,
        {{ published_from() }} as published_from
    from {{ ref('stg_vendor_aliases') }}
),

cells as (
    {% for source, column, role in naming_columns %}
    select
        '{{ source }}' as source_name,
        '{{ role }}' as role,
        {{ column }} as cell,
        source_url,
        {{ 'published_on' if source == 'corridor_units' else published_from() }} as published_from
    from {{ ref('stg_' ~ source) }}
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

mentions as (
    select * from registrations
    union all
    select * from aliases
    union all
    select
        cells.source_name,
        cells.role,
        trim(names.vendor_name) as vendor_name,
        cast(null as {{ dbt.type_string() }}) as canonical_name,
        cells.source_url,
        cells.published_from
    from cells
    cross join {{ names_in('cells.cell') }} as names (vendor_name)
),

counted as (
    select
        source_name,
        role,
        vendor_name,
        canonical_name,
        source_url,
        min(published_from) as published_from,
        count(*) as rows_naming
    from mentions
    where vendor_name <> ''
    group by source_name, role, vendor_name, canonical_name, source_url
)

select
    source_name,
    role,
    vendor_name,
    canonical_name,
    source_url,
    published_from,
    rows_naming,
    {{ normalised_company_name('vendor_name') }} as normalised_name,
    {{ company_name_key('vendor_name') }} as name_key
from counted
