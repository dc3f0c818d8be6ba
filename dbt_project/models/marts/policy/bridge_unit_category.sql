with matched as (
    select * from {{ ref('unit_categories_matched') }}
)

select
    unit_category,
    claims_as,
    closeness,
    assumption
from matched
