{{ config(materialized='view') }}

with

youth_orgs as (
    select * from {{ ref('int_youth_org__classified') }}
    where is_contacted_or_cultivated
),

venues as (
    select * from {{ ref('int_venue__classified') }}
    where is_open
),

staff_posts as (
    select * from {{ ref('fct_staff_post') }}
    where is_in_post
),

periods as (
    select * from {{ ref('dim_period') }}
),

classes as (
    select * from {{ ref('code_classes') }}
    where class_code = 'work_force'
),

work_force as (
    select staff_posts.*
    from staff_posts
    inner join periods on staff_posts.period = periods.period
    inner join classes
        on
            periods.rulebook_version = classes.rulebook_version
            and staff_posts.person_kind = classes.value_zh
),

-- What grows: organisations reached, venues in use, people in post, each under the key that tells it apart.
final as (
    select
        submission_id,
        unit_code as street_code,
        period,
        sheet,
        row,
        'youth_org' as measure,
        org_key as thing_key
    from youth_orgs
    union all
    select
        submission_id,
        unit_code as street_code,
        period,
        sheet,
        row,
        'venue' as measure,
        concat(unit_code, '|', cast(row as string)) as thing_key
    from venues
    union all
    select
        submission_id,
        unit_code as street_code,
        period,
        sheet,
        row,
        'staff' as measure,
        person_key as thing_key
    from work_force
)

select * from final
