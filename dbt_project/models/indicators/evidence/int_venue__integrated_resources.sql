{{ config(materialized='view') }}

with

venues as (
    select * from {{ ref('int_venue__used') }}
    where is_open
),

listed as (
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
        resources.value_zh as integrated_resource,
        true as is_integrated
    from venues
    inner join listed
        on
            venues.submission_id = listed.submission_id
            and venues.sheet = listed.sheet
            and venues.row = listed.row
    inner join periods on venues.period = periods.period
    inner join classes as resources
        on
            periods.rulebook_version = resources.rulebook_version
            and resources.class_code = 'integrated_resource'
            and {{ is_listed('resources.value_zh', 'listed.integrated_resources') }}
)

select * from final
