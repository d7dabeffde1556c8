{{ config(materialized='view') }}

with

chair_terms as (
    select * from {{ ref('fct_chair_term') }}
),

classified as (
    select * from {{ ref('int_chair_term__classified') }}
    where is_in_period
),

members as (
    select distinct
        unit_code,
        period,
        unit_name
    from {{ ref('fct_member_unit') }}
    where is_member and has_league_org
),

final as (
    select
        classified.submission_id,
        classified.unit_code,
        classified.period,
        classified.sheet,
        classified.row,
        classified.subject_key,
        classified.term_no,
        classified.unit_name,
        true as is_judged,
        coalesce(chair_terms.heads_league_org, false) and members.unit_name is not null as is_qualified
    from classified
    inner join chair_terms
        on
            classified.submission_id = chair_terms.submission_id
            and classified.sheet = chair_terms.sheet
            and classified.row = chair_terms.row
            and classified.period = chair_terms.period
    left join members
        on
            classified.unit_code = members.unit_code
            and classified.period = members.period
            and classified.unit_name = members.unit_name
)

select * from final
