with policies as (
    select * from {{ ref('stg_policies') }}
),

chained as (
    select * from {{ ref('int_policies_chained') }}
),

reviewed as (
    select * from {{ ref('policy_periods_reviewed') }}
),

told as (
    select
        policies.*,
        chained.superseded_by_policy_id,
        reviewed.starts_in as reviewed_start,
        case when policies.version ~ '^(19|20)\d\d$' then policies.version end as version_year,
        reviewed.ends_in as reviewed_end,
        reviewed.end_basis as reviewed_end_basis,
        reviewed.last_draft_on,
        reviewed.rival_ends_on,
        coalesce(policies.effective_from, policies.notified_on, policies.approved_on)
            as first_day_stated
    from policies
    inner join chained on policies.policy_id = chained.policy_id
    left join reviewed on policies.policy_id = reviewed.policy_id
),

begun as (
    select
        policy_id,
        status,
        coalesce(
            first_day_stated,
            {{ partial_date_from('coalesce(reviewed_start, version_year)') }}
        ) as starts_on,
        case
            when effective_from is not null then 'effective_from'
            when notified_on is not null then 'notified_on'
            when approved_on is not null then 'approved_on'
            when reviewed_start is not null then 'reviewed'
            when version_year is not null then 'version_year'
        end as start_basis,
        case
            when first_day_stated is not null then 'day'
            when length(reviewed_start) = 7 then 'month'
            when coalesce(reviewed_start, version_year) is not null then 'year'
        end as start_precision
    from told
),

bounded as (
    select
        told.policy_id,
        begun.starts_on,
        begun.start_basis,
        begun.start_precision,
        cast({{ dbt.dateadd('year', 'told.validity_years', 'begun.starts_on') }} as date)
            as term_to,
        successors.starts_on as successor_from
    from told
    inner join begun on told.policy_id = begun.policy_id
    left join begun as successors
        on
            told.superseded_by_policy_id = successors.policy_id
            and successors.status <> 'draft'
),

ended as (
    select
        told.policy_id,
        coalesce(
            cast({{ dbt.dateadd('day', 1, 'told.effective_to') }} as date),
            {{ partial_date_from('told.reviewed_end') }},
            case
                when told.status = 'superseded' then bounded.successor_from
                when told.status = 'expired' then bounded.term_to
            end
        ) as ends_before
    from told
    inner join bounded on told.policy_id = bounded.policy_id
),

known as (
    select
        told.*,
        bounded.starts_on,
        bounded.start_basis,
        bounded.start_precision,
        bounded.term_to,
        bounded.successor_from,
        ended.ends_before,
        coalesce(told.approved_on, told.notified_on) as enacted_on
    from told
    inner join bounded on told.policy_id = bounded.policy_id
    inner join ended on told.policy_id = ended.policy_id
    where
        told.status <> 'draft'
        and bounded.starts_on is not null
        and (told.status = 'in_force' or ended.ends_before is not null)
)

select
    policy_id,
    starts_on as valid_from,
    start_basis as valid_from_basis,
    start_precision as valid_from_precision,
    ends_before as valid_to,
    case
        when ends_before is null then null
        when reviewed_end_basis is not null then reviewed_end_basis
        when ends_before = term_to then 'term'
        when ends_before = successor_from then 'successor'
    end as valid_to_basis,
    term_to,
    enacted_on,
    starts_on < coalesce(enacted_on, last_draft_on) as is_backdated,
    last_draft_on,
    cast({{ dbt.dateadd('day', 1, 'rival_ends_on') }} as date) as rival_valid_to
from known
