with destinations as (
    select * from {{ ref('stg_export_destinations') }}
),

-- What one more in the last digit stated would be: 374.9 million is known to 100,000.
valued as (
    select
        *,
        case unit
            when 'unit' then 1
            when 'lakh' then 100000
            when 'million' then 1000000
            when 'crore' then 10000000
            when 'billion' then 1000000000
        end as factor,
        status ~ '^(contract|order|order book|under construction|dispatched|delivered|reported)\M'
            as is_deal
    from destinations
)

-- A deal is one sale that a page reports as contracted, ordered, being built, delivered or at
-- least agreed. That a country may receive or has once received some goods is no deal.
select
    {{ stable_id(['iso3', 'item_exported', 'period_label', 'source_url']) }} as statement_id,
    iso3 as destination_iso3,
    item_exported,
    exporter,
    is_deal,
    case
        when status ~ '^(authorised|NOC granted)' then 'authorised'
        when status ~ '^exported' then 'exported'
        when status ~ '^delivered' then 'delivered'
        when status ~ '\m(dispatched|delivered)\M' then 'delivery_begun'
        when status ~ '^under construction' then 'in_production'
        when status ~ '^(contract|order|order book)' then 'ordered'
        when status ~ '^reported' then 'reported'
    end as stage,
    status,
    cast(substring(status from '\m(?:dispatched|delivered) (\d{4}-\d{2}-\d{2})') as date)
        as delivered_on,
    period_label,
    {{ period_from('period_label') }} as period_from,
    {{ period_to('period_label') }} as period_to,
    currency,
    trim_scale(value_stated * factor) as value,
    trim_scale(cast('1e-' || scale(value_stated) as numeric) * factor) as step,
    coalesce(note ~ '\mCONFLICT\M', false) as is_doubtful,
    note,
    cast(
        coalesce({{ dbt.dateadd('day', -1, published_to()) }}, _known_from) as date
    ) as known_on,
    source_url
from valued
