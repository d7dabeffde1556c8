-- Units that are two different things on the same day
with ordered as (

    select
        unit_code,
        valid_from,
        valid_to,
        lead(valid_from) over (partition by unit_code order by valid_from) as next_from
    from {{ ref('dim_unit') }}

)

select *
from ordered
where
    valid_to <= valid_from
    or (next_from is not null and (valid_to is null or valid_to > next_from))
