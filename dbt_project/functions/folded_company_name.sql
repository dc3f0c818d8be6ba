with singular as (
    select
        replace(
            regexp_replace(words collate "C", '([a-z0-9]{3}[a-z0-9]*[a-rt-z0-9])s\M', '\1', 'g'),
            ' ', ''
        ) as letters
)

select
    regexp_replace(
        replace(replace(letters, 'w', 'v'), 'qu', 'q'), '([a-z])([a-z])\2+', '\1\2', 'g'
    ) collate "default"
from singular
