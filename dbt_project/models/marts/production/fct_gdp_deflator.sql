with deflators as (
    select * from {{ ref('stg_world_bank_gdp_deflator') }}
    where gdp_deflator_index is not null
),

-- India's national accounts run from April; the World Bank lists a year under its beginning.
starts as (
    select
        *,
        cast(cast(calendar_year as {{ dbt.type_string() }}) || '-04-01' as date) as fy_start_date
    from deflators
)

select
    fy_start_date,
    {{ fy_label_of('fy_start_date') }} as fy_label,
    gdp_deflator_index,
    {{ contract_document_id('world_bank_gdp_deflator') }} as source_document_id
from starts
