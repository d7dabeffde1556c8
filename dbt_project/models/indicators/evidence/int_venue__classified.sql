{{ config(materialized='view') }}

with

venues as (
    select * from {{ ref('fct_venue') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

classes as (
    select * from {{ ref('code_classes') }}
),

final as (
    select
        venues.submission_id,
        venues.unit_code,
        venues.period,
        venues.sheet,
        venues.row,
        venues.unit_code as subject_key,
        venues.venue_name,
        venues.opened_on,
        -- A venue without a day of opening is not open yet.
        open_status.value_zh is not null
        and coalesce(venues.opened_on <= periods.ends_on, false) as is_open
    from venues
    inner join periods on venues.period = periods.period
    left join classes as open_status
        on
            periods.rulebook_version = open_status.rulebook_version
            and open_status.class_code = 'venue_open'
            and venues.venue_status = open_status.value_zh
)

select * from final
