with idex as (
    select
        'iDEX' as programme,
        period_label,
        indicator as indicator_stated,
        cast(value_stated as {{ dbt.type_string() }}) as value_stated,
        qualifier,
        note,
        source_url,
        {{ published_from() }} as published_from
    from {{ ref('stg_idex_programme_stats') }}
),

drdo as (
    select
        'DRDO' as programme,
        period_label,
        indicator as indicator_stated,
        value_stated,
        case
            when note ~ '^[0-9]+\+$' then 'more than'
            else substring(note from '^(over|more than|about)\M')
        end as qualifier,
        note,
        source_url,
        {{ published_from() }} as published_from
    from {{ ref('stg_drdo_stats') }}
),

figures as (
    select * from idex
    union all
    select * from drdo
)

select
    programme,
    indicator_stated,
    regexp_replace(indicator_stated, '_crore$', '') as indicator,
    period_label,
    {{ partial_date_from('period_label') }} as as_of_from,
    {{ partial_date_to('period_label') }} as as_of_to,
    case
        when indicator_stated like '%\_crore' then 'INR'
        when indicator_stated like '%\_weeks' then 'weeks'
        else 'count'
    end as unit,
    case when indicator_stated like '%\_crore' then 10000000 else 1 end
    * cast({{ dbt.split_part('value_stated', "'-'", 1) }} as numeric) as figure,
    case when indicator_stated like '%\_crore' then 10000000 else 1 end
    * cast(nullif({{ dbt.split_part('value_stated', "'-'", 2) }}, '') as numeric) as range_to,
    qualifier,
    case
        when value_stated like '%-%' then 'range'
        when qualifier in ('over', 'more than') then 'lower'
        when qualifier = 'up to' then 'upper'
        when qualifier is not null then 'rounded'
        else 'exact'
    end as bound,
    note,
    source_url,
    published_from
from figures
