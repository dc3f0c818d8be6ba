with results as (
    select * from {{ ref('stg_dpsu_turnover') }}
),

vendor_names as (
    select * from {{ ref('int_vendor_names_linked') }}
    where source_name = 'dpsu_turnover' and role = 'dpsu'
),

linked as (
    select
        results.*,
        vendor_names.vendor_id
    from results
    left join vendor_names
        on
            results.dpsu = vendor_names.vendor_name
            and results.source_url = vendor_names.source_url
)

select
    {{ stable_id(['dpsu', 'period_label', 'measure', 'source_url']) }} as dpsu_statement_id,
    dpsu,
    vendor_id,
    dpsu = '7 new DPSUs' as is_group,
    {{ fy_start_date('period_label') }} as fy_start_date,
    substring(period_label from 1 for 7) as fy_label,
    {{ period_from('period_label') }} as period_from,
    {{ period_to('period_label') }} as period_to,
    case
        when period_label is null then 'not_stated'
        when period_label like '% H_' then 'half'
        when period_label like '% Q_' then 'quarter'
        else 'year'
    end as period_kind,
    case measure
        when 'exports_usd_million' then 'exports'
        when 'export_order_book_usd_million' then 'export_order_book'
        when 'defence_share_of_revenue_percent' then 'defence_share_of_revenue'
        else measure
    end as measure,
    case
        when note like '%standalone%' then 'standalone'
        when note like '%before associates%' then 'consolidated_before_associates'
        when note like '%incl. associates%' then 'consolidated_with_associates'
        when note like '%consolidated%' then 'consolidated'
        else 'not_stated'
    end as accounting_basis,
    cast(substring(note from '\mat (20[0-9]{2}-[0-9]{2}-[0-9]{2})') as date) as as_of_on,
    case when unit = 'crore' then {{ crore_to_inr('value_stated') }} end as value_inr,
    case when unit = 'USD million' then value_stated * 1000000 end as value_usd,
    case when unit = 'percent' then value_stated end as value_percent,
    stated_as,
    status,
    status_basis,
    coalesce(note ~* 'lower bound', false) as is_lower_bound,
    coalesce(note ~* '\m(unit error|disagrees|ambiguous|says)\M', false) as is_doubtful,
    note,
    {{ source_document_id() }} as source_document_id
from linked
