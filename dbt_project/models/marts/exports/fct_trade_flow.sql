with flows as (
    select * from {{ ref('stg_un_comtrade_hs93') }}
),

countries as (
    select * from {{ ref('dim_country') }}
)

select
    {{ stable_id([
        'flows.period',
        'flows.reporter_code',
        'flows.flow_code',
        'flows.partner_code',
        'flows.commodity_code',
    ]) }} as trade_flow_id,
    flows.reference_year as calendar_year,
    case flows.flow_code when 'X' then 'export' when 'M' then 'import' end as flow,
    flows.commodity_code as hs_code,
    flows.partner_code,
    countries.iso3 as partner_iso3,
    flows.partner_name,
    flows.partner_code = '0' as is_world_total,
    flows.primary_value_usd as value_usd,
    flows.fob_value_usd,
    flows.cif_value_usd,
    flows.net_weight_kg,
    flows.is_reported,
    coalesce(flows.is_sample, false) as is_sample,
    {{ contract_document_id('un_comtrade_hs93') }} as source_document_id
from flows
left join countries on flows.partner_iso3 = countries.iso3
