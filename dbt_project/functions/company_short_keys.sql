with stripped as (
    select
        regexp_replace(
            words collate "C",
            '( (advanced|aerospace|defence|electronics|engineering|engineers|group|industries'
            || '|international|labs?|research|services|shipbuilders|solutions|space|systems?'
            || '|technologies|technology|works))+$',
            ''
        ) as words_left
),

shortened as (
    select
        case
            when words_left like '% %' then words_left
            else substring(words from '^[^ ]+ [^ ]+')
        end as short_name
    from stripped
),

folded as (
    select {{ called('folded_company_name') }}(short_name) as letters
    from shortened
)

select
    case
        when length(letters) >= 6 then array['short:' || letters]
        else '{}'
    end
from folded
