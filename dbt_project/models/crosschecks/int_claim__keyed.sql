{{ config(materialized='view') }}

with

member_units as (
    select * from {{ ref('fct_member_unit') }}
    where is_member
),

youth_orgs as (
    select * from {{ ref('fct_youth_org') }}
),

staff_posts as (
    select * from {{ ref('fct_staff_post') }}
    where is_in_post
),

roster as (
    select * from {{ ref('dim_roster') }}
),

patterns as (
    select * from {{ name_patterns('legal_suffix') }}
),

things as (
    select
        period,
        unit_code,
        'member_unit' as thing_kind,
        uscc,
        unit_name as thing_name,
        cast(null as string) as person_key,
        min(submission_id) as submission_id,
        min(row) as row
    from member_units
    group by period, unit_code, uscc, unit_name
    union all
    select
        period,
        unit_code,
        'youth_org' as thing_kind,
        uscc,
        org_name as thing_name,
        cast(null as string) as person_key,
        min(submission_id) as submission_id,
        min(row) as row
    from youth_orgs
    group by period, unit_code, uscc, org_name
    union all
    select
        period,
        unit_code,
        'person' as thing_kind,
        cast(null as string) as uscc,
        cast(null as string) as thing_name,
        person_key,
        min(submission_id) as submission_id,
        min(row) as row
    from staff_posts
    where person_key is not null
    group by period, unit_code, person_key
),

placed as (
    select
        things.period,
        things.unit_code,
        things.thing_kind,
        things.uscc,
        things.thing_name,
        things.person_key,
        things.submission_id,
        things.row,
        roster.district_code,
        roster.city_code,
        roster.province_code,
        -- a city without districts takes the place of the district
        coalesce(roster.district_code, roster.city_code, roster.province_code) as place_code,
        {{ bare_name(without_outer_places('things.thing_name', 'roster'), 'patterns') }} as bare_name
    from things
    cross join patterns
    inner join roster
        on
            things.unit_code = roster.unit_code
            and things.period = roster.period
),

-- where one street gives the credit code and another only the name, the name finds the code, if it is the only one there
coded_names as (
    select
        period,
        thing_kind,
        place_code,
        bare_name,
        min(uscc) as uscc
    from placed
    where uscc is not null
    group by period, thing_kind, place_code, bare_name
    having count(distinct uscc) = 1
),

final as (
    select
        placed.period,
        placed.unit_code,
        placed.thing_kind,
        placed.thing_name,
        placed.person_key,
        placed.submission_id,
        placed.row,
        placed.district_code,
        placed.city_code,
        placed.province_code,
        placed.uscc as own_uscc,
        coalesce(placed.uscc, coded_names.uscc) as uscc,
        concat(placed.place_code, '|', coalesce(placed.person_key, placed.bare_name)) as name_key,
        case
            -- a pseudonym stands for a name and four digits, which two people far apart may share
            when placed.thing_kind = 'person' then concat(placed.place_code, '|', placed.person_key)
            else coalesce(placed.uscc, coded_names.uscc, concat(placed.place_code, '|', placed.bare_name))
        end as thing_key,
        case
            when placed.thing_kind = 'person' then 'person_in_district'
            when placed.uscc is not null then 'credit_code'
            when coded_names.uscc is not null then 'name_of_coded'
            else 'name_in_district'
        end as key_basis
    from placed
    left join coded_names
        on
            placed.period = coded_names.period
            and placed.thing_kind = coded_names.thing_kind
            and placed.place_code = coded_names.place_code
            and placed.bare_name = coded_names.bare_name
)

select * from final
