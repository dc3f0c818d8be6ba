with statements as (
    select * from {{ ref('int_export_deals_stated') }}
),

exporters as (
    select * from {{ ref('int_export_deal_exporters_united') }}
),

-- The furthest stage that a page tells; of pages with the same, the newest.
ranked as (
    select
        *,
        row_number() over (
            partition by deal_id
            order by stage_place desc, known_on desc, deal_statement_id asc
        ) as place
    from statements
),

deals as (
    select
        deal_id,
        deal_name,
        destination_iso3,
        max(case when place = 1 then stage end) as stage,
        max(case when place = 1 then status end) as status,
        min(delivered_on) as first_delivered_on,
        min(period_from) as period_from,
        max(period_to) as period_to,
        max(case when value_role = 'shown' and currency = 'INR' then value end) as value_inr,
        max(case when value_role = 'shown' and currency = 'USD' then value end) as value_usd,
        max(case when value_role = 'shown' and currency = 'EUR' then value end) as value_eur,
        max(case when value_role = 'shown' and currency = 'TIV' then value end)
            as trend_indicator_value,
        count(case when value_role = 'differs' then 1 end) > 0 as is_value_disputed,
        min(known_on) as first_stated_on,
        max(known_on) as last_stated_on,
        count(*) as statement_count,
        min(doubt) as doubt,
        max(case when place = 1 then source_url end) as source_url
    from ranked
    group by deal_id, deal_name, destination_iso3
),

sellers as (
    select
        deal_id,
        max(case when place = 1 then exporter_name end) as exporter_name,
        max(case when place = 1 then vendor_id end) as vendor_id,
        count(*) as exporter_count
    from exporters
    group by deal_id
)

select
    deals.deal_id,
    deals.deal_name,
    deals.destination_iso3,
    sellers.exporter_name,
    sellers.vendor_id,
    coalesce(sellers.exporter_count, 0) as exporter_count,
    deals.stage,
    deals.status,
    deals.first_delivered_on,
    deals.period_from,
    deals.period_to,
    deals.value_inr,
    deals.value_usd,
    deals.value_eur,
    deals.trend_indicator_value,
    deals.is_value_disputed,
    deals.first_stated_on,
    deals.last_stated_on,
    deals.statement_count,
    deals.doubt is not null as is_doubtful,
    deals.doubt,
    {{ source_document_id('deals.source_url') }} as source_document_id
from deals
left join sellers on deals.deal_id = sellers.deal_id
