{{ config(materialized="table") }}

with statements as (
    select * from {{ ref('int_export_destinations_read') }}
    where is_deal
),

reviewed as (
    select * from {{ ref('export_deals_reviewed') }}
),

named as (
    select
        statements.*,
        coalesce(reviewed.deal_name, statements.item_exported) as deal_name,
        reviewed.doubt,
        -- Deals of one item with one country are told apart by their period, unless decided.
        case when reviewed.deal_name is null then statements.period_label end as deal_period
    from statements
    left join reviewed
        on
            statements.destination_iso3 = reviewed.destination_iso3
            and statements.item_exported = reviewed.item_exported
            and statements.source_url = reviewed.source_url
),

identified as (
    select
        *,
        {{ stable_id(['destination_iso3', 'deal_name', 'deal_period']) }} as deal_id
    from named
),

-- Two values agree when one true value, rounded or cut off, can stand behind both.
agreements as (
    select
        one.statement_id,
        count(*) as agreeing_statement_count
    from identified as one
    inner join identified as other
        on
            one.deal_id = other.deal_id
            and one.currency = other.currency
            and one.value - one.step * 0.5 < other.value + other.step
            and other.value - other.step * 0.5 < one.value + one.step
    group by one.statement_id
),

-- The value that most statements agree with stands; of those that agree, the finest.
ranked as (
    select
        identified.*,
        agreements.agreeing_statement_count,
        row_number() over (
            partition by identified.deal_id, identified.currency
            order by
                agreements.agreeing_statement_count desc,
                identified.step asc,
                identified.known_on asc,
                identified.statement_id asc
        ) as value_place
    from identified
    left join agreements on identified.statement_id = agreements.statement_id
)

select
    ranked.statement_id as deal_statement_id,
    ranked.deal_id,
    ranked.deal_name,
    ranked.destination_iso3,
    ranked.item_exported,
    ranked.exporter,
    ranked.stage,
    case ranked.stage
        when 'reported' then 1
        when 'ordered' then 2
        when 'in_production' then 3
        when 'delivery_begun' then 4
        when 'delivered' then 5
    end as stage_place,
    ranked.status,
    ranked.delivered_on,
    ranked.period_from,
    ranked.period_to,
    ranked.currency,
    ranked.value,
    case
        when ranked.value is null then 'none'
        when ranked.value_place = 1 then 'shown'
        when
            ranked.value - ranked.step * 0.5 < shown.value + shown.step
            and shown.value - shown.step * 0.5 < ranked.value + ranked.step
            then 'agrees'
        else 'differs'
    end as value_role,
    ranked.doubt,
    ranked.note,
    ranked.known_on,
    ranked.source_url
from ranked
left join ranked as shown
    on
        ranked.deal_id = shown.deal_id
        and ranked.currency = shown.currency
        and shown.value_place = 1
