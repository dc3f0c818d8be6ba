{#
    What units would receive under the policies in force: one row for each case and each incentive
    that its unit may claim, with an amount where the incentive is a share of the investment, and
    else the reason why there is none. It is the one statement of the estimate: the benchmark is
    built with it, and so is the function that analysts call.

    cases: case_id, on_date, investment_inr, unit_category and zone (null: not stated). The others:
    fct_policy_incentive, fct_policy_project_class and bridge_unit_category.
#}
{% macro incentives_estimated(cases, incentives, project_classes, unit_categories) -%}
{%- set sizes = "('sub_large', 'large', 'mega', 'ultra_mega')" -%}
with in_force as (
    select
        cases.case_id,
        cases.investment_inr,
        cases.unit_category as asked_category,
        cases.zone as asked_zone,
        incentives.*,
        coalesce(cases.on_date >= incentives.valid_to, false) as is_carried_over,
        max(case when incentives.zone = cases.zone then 1 else 0 end) over (
            partition by cases.case_id, incentives.policy_id
        ) = 1 as policy_names_zone
    from {{ cases }} as cases
    inner join {{ incentives }} as incentives
        on
            incentives.valid_from <= cases.on_date
            and (
                incentives.valid_to is null
                or cases.on_date < incentives.valid_to
                or (
                    incentives.carried_by_policy_id is not null
                    and (incentives.carried_to is null or cases.on_date < incentives.carried_to)
                )
            )
),

size_classes as (
    select
        policy_id,
        project_class,
        min_investment_inr,
        max_investment_inr
    from {{ project_classes }}
    where sector = 'manufacturing' and project_class in {{ sizes }} and not is_disputed
),

classed as (
    select
        cases.case_id,
        size_classes.policy_id,
        size_classes.project_class,
        row_number() over (
            partition by cases.case_id, size_classes.policy_id
            order by size_classes.min_investment_inr desc
        ) as place
    from {{ cases }} as cases
    inner join size_classes
        on
            cases.investment_inr >= size_classes.min_investment_inr
            and (
                size_classes.max_investment_inr is null
                or cases.investment_inr < size_classes.max_investment_inr
            )
),

categorised as (
    select
        in_force.*,
        classed.project_class is not null
        and (in_force.asked_category is null or in_force.asked_category in {{ sizes }})
            as is_class_of_policy,
        case
            when
                classed.project_class is not null
                and (in_force.asked_category is null or in_force.asked_category in {{ sizes }})
                then classed.project_class
            when size_classes.policy_id is null then in_force.asked_category
        end as counted_as
    from in_force
    left join classed
        on
            in_force.case_id = classed.case_id
            and in_force.policy_id = classed.policy_id
            and classed.place = 1
    left join size_classes
        on
            in_force.policy_id = size_classes.policy_id
            and in_force.asked_category = size_classes.project_class
),

matched as (
    select
        categorised.*,
        unit_categories.assumption as category_assumption,
        coalesce(
            unit_categories.closeness,
            case when categorised.counted_as is null and categorised.unit_category = 'all' then 9 end
        ) as closeness,
        min(unit_categories.closeness) over (
            partition by
                categorised.case_id, categorised.policy_id, categorised.incentive_type
        ) as nearest
    from categorised
    left join {{ unit_categories }} as unit_categories
        on
            categorised.counted_as = unit_categories.unit_category
            and categorised.unit_category = unit_categories.claims_as
),

claimable as (
    select * from matched
    where
        (
            closeness in (0, 1, 9)
            or closeness = nearest
            or (closeness is null and coalesce(asked_category, counted_as) is null)
        )
        and (zone = 'all' or zone = asked_zone or asked_zone is null or not policy_names_zone)
        and (investment_from_inr is null or investment_inr >= investment_from_inr)
        and (investment_to_inr is null or investment_inr <= investment_to_inr)
),

reasoned as (
    select
        *,
        case
            when benefit_form = 'ceiling' then 'bounds what is paid in all; no benefit of its own'
            when benefit_form = 'fund' then 'money for all claimants together'
            when closeness is null
                then 'only for units of the category ' || unit_category || ': name the category'
            when benefit_form = 'not_stated' then 'no rate is published'
            when benefit_form = 'other' then 'the rate is no percentage: ' || rate_other
            when benefit_form = 'amount'
                then 'a sum up to the cap, no share of the investment'
            when base_in_words is null then 'what the rate is a percentage of is not published'
            when base_group <> 'investment' then 'needs the ' || base_in_words
            when cap_basis not in ('per_unit', 'total')
                then 'needs the yearly payments, as the cap is ' || cap_basis
        end as reason_without_amount
    from claimable
),

priced as (
    select
        *,
        case
            when reason_without_amount is not null then null
            when cap_inr < investment_inr * rate_percent / 100 then cap_inr
            else round(investment_inr * rate_percent / 100, 0)
        end as amount_inr,
        case
            when reason_without_amount is not null or rate_percent_max is null then null
            when cap_inr < investment_inr * rate_percent_max / 100 then cap_inr
            else round(investment_inr * rate_percent_max / 100, 0)
        end as amount_inr_max
    from reasoned
),

ranked as (
    select
        *,
        case
            when amount_inr is null or is_doubtful or clause_role = 'first_comers' then null
            else
                case when clause_role = 'top_up' then 1000 else 0 end
                + 10 * closeness
                + case when zone = asked_zone then 0 when zone = 'all' then 1 else 2 end
        end as distance
    from priced
)

select
    case_id,
    policy_incentive_id,
    state_code,
    policy_id,
    incentive_type,
    unit_category,
    zone,
    benefit_form,
    rate_percent,
    rate_percent_max,
    rate_other,
    base,
    cap_inr,
    cap_basis,
    period_years,
    conditions,
    clause_role,
    amount_inr,
    amount_inr_max,
    coalesce(
        distance = min(distance) over (partition by case_id, policy_id, incentive_type), false
    ) as is_counted,
    is_doubtful,
    is_carried_over,
    case
        when amount_inr is not null
            then concat_ws(
                '; ',
                'the whole investment counts as ' || base_in_words || ' and the rate is paid in full',
                case
                    when is_class_of_policy and unit_category <> 'all'
                        then 'by its investment the policy counts the unit as ' || counted_as
                end,
                category_assumption,
                case
                    when zone <> 'all' and zone is distinct from asked_zone
                        then 'the unit stands in the zone ' || zone
                end,
                case when conditions is not null then 'its condition is met: ' || conditions end,
                case
                    when clause_role = 'top_up'
                        then 'it comes on top of a general subsidy that is not in these rows'
                end,
                case
                    when is_carried_over
                        then 'it stands under the amendments since, reported without it'
                end
            )
    end as assumption,
    reason_without_amount,
    stated_as,
    source_document_id
from ranked
{%- endmacro %}
