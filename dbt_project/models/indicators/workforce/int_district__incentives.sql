{{ config(materialized='view') }}

with

districts as (
    select * from {{ ref('dim_roster') }}
    where unit_level = 'district'
),

streets as (
    select * from {{ ref('dim_roster') }}
    where unit_level = 'street'
),

tree as (
    select * from {{ ref('bridge_unit_ancestor') }}
    where tree = 'reporting' and depth > 0
),

trainings as (
    select * from {{ ref('int_training__classified') }}
    where is_incentive
),

-- The streets that report to the district, each with its trainings of the period; a street without any has one row.
final as (
    select
        trainings.submission_id,
        districts.unit_code,
        districts.period,
        trainings.sheet,
        trainings.row,
        districts.unit_code as subject_key,
        streets.unit_code as street_code,
        streets.is_reported,
        trainings.headcount,
        trainings.submission_id is not null as is_incentive
    from districts
    inner join tree on districts.unit_code = tree.ancestor_code
    inner join streets
        on
            tree.unit_code = streets.unit_code
            and districts.period = streets.period
    left join trainings
        on
            streets.unit_code = trainings.unit_code
            and streets.period = trainings.period
)

select * from final
