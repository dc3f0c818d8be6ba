with years as (
    select
        *,
        cast(extract(year from fy_start_date) as integer) as first_year
    from {{ ref('dim_fiscal_year') }}
),

rates as (
    select * from {{ ref('fct_exchange_rate') }}
),

deflators as (
    select * from {{ ref('fct_gdp_deflator') }}
),

base as (
    select gdp_deflator_index
    from deflators
    where fy_label = '2011-12'
),

ends as (
    select max(fy_label) as last_fy_label
    from deflators
),

-- April to December lie in the first calendar year, January to March in the second.
weighed as (
    select
        years.fy_start_date,
        years.fy_label,
        (rates.inr_per_usd * 9 + rates_after.inr_per_usd * 3) / 12 as inr_per_usd,
        deflators.gdp_deflator_index / base.gdp_deflator_index * 100 as gdp_deflator_index,
        case
            when rates.inr_per_usd is null and rates_after.inr_per_usd is null
                then
                    'no exchange rate of calendar years '
                    || years.first_year || ' and ' || years.first_year + 1
            when rates.inr_per_usd is null
                then 'no exchange rate of calendar year ' || years.first_year
            when rates_after.inr_per_usd is null
                then 'no exchange rate of calendar year ' || years.first_year + 1
        end as usd_missing_reason,
        case
            when base.gdp_deflator_index is null then 'no deflator of the base year 2011-12'
            when deflators.gdp_deflator_index is null and years.fy_label > ends.last_fy_label
                then 'the deflator series ends with ' || ends.last_fy_label
            when deflators.gdp_deflator_index is null then 'no deflator of the year'
        end as real_missing_reason
    from years
    cross join ends
    left join base on true
    left join rates on years.first_year = rates.calendar_year
    left join rates as rates_after on years.first_year + 1 = rates_after.calendar_year
    left join deflators on years.fy_start_date = deflators.fy_start_date
)

select
    fy_start_date,
    fy_label,
    trim_scale(round(inr_per_usd, 6)) as inr_per_usd,
    usd_missing_reason,
    trim_scale(round(gdp_deflator_index, 6)) as gdp_deflator_index,
    real_missing_reason,
    case
        when inr_per_usd is not null then {{ contract_document_id('world_bank_exchange_rate') }}
    end as rate_source_document_id,
    case
        when gdp_deflator_index is not null
            then {{ contract_document_id('world_bank_gdp_deflator') }}
    end as deflator_source_document_id
from weighed
