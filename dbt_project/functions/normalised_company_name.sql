with letters as (
    select
        regexp_replace(
            regexp_replace(
                regexp_replace(
                    lower(company_name collate "C"), '\([^)]*\)|^\s*m/s\M', ' ', 'g'
                ),
                '[.''’]', '', 'g'
            ),
            '[^a-z0-9]+', ' ', 'g'
        ) as words
),

distinctive as (
    select
        trim(
            regexp_replace(
                regexp_replace(words, '\m(and|pvt|private|ltd|limited|llp|inc)\M', '', 'g'),
                ' +', ' ', 'g'
            )
        ) as words
    from letters
)

select
    nullif(
        regexp_replace(
            regexp_replace(
                regexp_replace(words, '^([^ ]+ .+) india$', '\1'),
                '\m(co|comp)\M', 'company', 'g'
            ),
            '\mdefense\M', 'defence', 'g'
        ),
        ''
    ) collate "default"
from distinctive
