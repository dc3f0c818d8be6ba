{#
    The functions that readers call on the published marts: estimate_incentives and, a row a
    policy, estimate_incentive_totals. They are made in the schema that is built, so they are
    released, undone and dropped with the tables they were written for. Their bodies are bound to
    these very tables, not to names: a statement that found the function of one release stays with
    it, whatever is published while it runs. A reader calls them with no more rights than its own.
#}
{% macro create_estimate_functions() %}
    {{ adapter.dispatch('create_estimate_functions', 'utpadan')() }}
{% endmacro %}

{% macro default__create_estimate_functions() %}{% endmacro %}

{% macro postgres__create_estimate_functions() %}
    {{ refuse_estimate_function(this.include(database=false, identifier=false)) }}
    {{ estimate_incentives_function(this.include(database=false, identifier=false)) }}
    {{ estimate_incentive_totals_function(this.include(database=false, identifier=false)) }}
{% endmacro %}

{% macro refuse_estimate_function(schema) %}
create or replace function {{ schema }}.refuse_estimate(why text) returns void
language plpgsql strict
as $function$
begin
    raise exception '%', why;
end
$function$;
comment on function {{ schema }}.refuse_estimate(text) is
'How the functions that estimate refuse a question.';
{% endmacro %}

{% macro estimate_incentives_function(schema) %}
drop function if exists {{ schema }}.estimate_incentives(numeric, date, text, text) cascade;
create function {{ schema }}.estimate_incentives(
    investment_crore numeric,
    on_date date,
    unit_category text default null,
    zone text default null
)
returns table (
    state_code text,
    state_name text,
    policy_id text,
    policy_title text,
    sector_scope text,
    incentive_type text,
    unit_category_stated text,
    zone_stated text,
    benefit_form text,
    rate_percent numeric,
    rate_percent_max numeric,
    rate_other text,
    base text,
    cap_inr numeric,
    cap_basis text,
    period_years numeric,
    conditions text,
    amount_inr numeric,
    amount_inr_max numeric,
    is_counted boolean,
    is_doubtful boolean,
    is_carried_over boolean,
    assumption text,
    reason_without_amount text,
    stated_as text,
    stated_by_policy_id text,
    policy_incentive_id text,
    source_document_id text
)
language sql stable
begin atomic
    select {{ schema }}.refuse_estimate(refusal.why)
    from (
        select
            case
                when coalesce($1, 0) <= 0
                    then format(
                        'the investment must be more than 0 crore rupees, not %s',
                        coalesce($1::text, 'null')
                    )
                when $2 is null
                    then 'name the day for which to estimate, such as date ''2026-04-01'''
                when $3 is not null and not exists (
                    select from {{ schema }}.bridge_unit_category as known
                    where known.unit_category = $3
                )
                    then format('no unit category %s; there is: %s', $3, (
                        select string_agg(distinct known.unit_category, ', ')
                        from {{ schema }}.bridge_unit_category as known
                    ))
                when $4 is not null and not exists (
                    select from {{ schema }}.mart_state_policy_matrix as known
                    where known.zone = $4 and known.valid_from <= $2
                        and (known.valid_to is null or $2 < known.valid_to)
                )
                    then format('no policy in force on %s names the zone %s; named are: %s', $2, $4, (
                        select string_agg(distinct known.zone, ', ')
                        from {{ schema }}.mart_state_policy_matrix as known
                        where known.zone <> 'all' and known.valid_from <= $2
                            and (known.valid_to is null or $2 < known.valid_to)
                    ))
            end as why
    ) as refusal
    where refusal.why is not null;

    with cases as (
        select
            'asked' as case_id,
            $2 as on_date,
            $1 * 10000000 as investment_inr,
            $3 as unit_category,
            $4 as zone
    ),

    estimated as (
        {{ incentives_estimated(
            'cases', schema ~ '.fct_policy_incentive', schema ~ '.fct_policy_project_class',
            schema ~ '.bridge_unit_category'
        ) | indent(8) }}
    )

    select
        estimated.state_code,
        states.state_name,
        policies.policy_id,
        policies.title,
        policies.sector_scope,
        estimated.incentive_type,
        estimated.unit_category,
        estimated.zone,
        estimated.benefit_form,
        estimated.rate_percent,
        estimated.rate_percent_max,
        estimated.rate_other,
        estimated.base,
        estimated.cap_inr,
        estimated.cap_basis,
        estimated.period_years,
        estimated.conditions,
        estimated.amount_inr,
        estimated.amount_inr_max,
        estimated.is_counted,
        estimated.is_doubtful,
        estimated.is_carried_over,
        estimated.assumption,
        estimated.reason_without_amount,
        estimated.stated_as,
        estimated.policy_id,
        estimated.policy_incentive_id,
        estimated.source_document_id
    from estimated
    inner join {{ schema }}.dim_policy as stating on estimated.policy_id = stating.policy_id
    inner join {{ schema }}.dim_policy as policies
        on
            stating.lineage = policies.lineage
            and policies.valid_from <= $2
            and (policies.valid_to is null or $2 < policies.valid_to)
    inner join {{ schema }}.dim_state as states on estimated.state_code = states.state_code
    order by
        states.state_name, policies.title, estimated.amount_inr desc nulls last,
        estimated.incentive_type, estimated.policy_incentive_id;
end;
comment on function {{ schema }}.estimate_incentives(numeric, date, text, text) is
'What an investment (crore rupees) would receive in each state on a day, by incentive: an amount '
'where the incentive is a share of the investment, with what is assumed, else the reason why there '
'is none. Rows are not to be added up except those that are_counted: estimate_incentive_totals '
'does it.';
{% endmacro %}

{% macro estimate_incentive_totals_function(schema) %}
drop function if exists {{ schema }}.estimate_incentive_totals(numeric, date, text, text);
create function {{ schema }}.estimate_incentive_totals(
    investment_crore numeric,
    on_date date,
    unit_category text default null,
    zone text default null
)
returns table (
    state_code text,
    state_name text,
    policy_id text,
    policy_title text,
    sector_scope text,
    total_inr numeric,
    total_inr_max numeric,
    incentives_with_amount bigint,
    incentives_without_amount bigint,
    is_total_of_state boolean,
    remark text
)
language sql stable
begin atomic
    with estimated as (
        select * from {{ schema }}.estimate_incentives($1, $2, $3, $4)
    ),

    types as (
        select
            policy_id,
            incentive_type,
            min(amount_inr) filter (where is_counted) as amount_inr,
            max(coalesce(amount_inr_max, amount_inr)) filter (where is_counted) as amount_inr_max,
            count(amount_inr) as with_amount,
            count(*) filter (
                where amount_inr is null and benefit_form not in ('ceiling', 'fund')
            ) as without_amount
        from estimated
        group by policy_id, incentive_type
    ),

    totals as (
        select
            policy_id,
            sum(amount_inr) as total_inr,
            sum(amount_inr_max) as total_inr_max,
            sum(with_amount)::bigint as with_amount,
            sum(without_amount)::bigint as without_amount
        from types
        group by policy_id
    ),

    in_force as (
        select * from {{ schema }}.dim_policy
        where valid_from <= $2 and (valid_to is null or $2 < valid_to)
    )

    select
        states.state_code,
        states.state_name,
        policies.policy_id,
        policies.title,
        policies.sector_scope,
        totals.total_inr,
        totals.total_inr_max,
        coalesce(totals.with_amount, 0),
        coalesce(totals.without_amount, 0),
        row_number() over (
            partition by states.state_code
            order by
                coalesce(policies.sector_scope in ('drone', 'mro', 'space'), false),
                totals.total_inr_max desc nulls last,
                policies.sector_scope,
                policies.policy_id
        ) = 1,
        case
            when policies.policy_id is null then 'no policy in force on that day is known'
            when totals.policy_id is null then 'no incentive for such a unit is published'
            when totals.total_inr is null then 'no incentive is a stated share of the investment'
        end
    from {{ schema }}.dim_state as states
    left join in_force as policies on states.state_code = policies.state_code
    left join totals on policies.policy_id = totals.policy_id
    order by states.state_name, 10 desc, policies.title;
end;
comment on function {{ schema }}.estimate_incentive_totals(numeric, date, text, text) is
'The sum of what may be added, by policy in force: of each type of incentive the one clause that '
'fits best, from the least to the most where several fit equally. Every state is there. Policies '
'are not added to each other; is_total_of_state marks the one that gives most, those for drones, '
'maintenance and space only where there is no other.';
{% endmacro %}
