{{ config(materialized='view') }}

with

chair_terms as (
    select * from {{ ref('fct_chair_term') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

final as (
    select
        chair_terms.submission_id,
        chair_terms.unit_code,
        chair_terms.period,
        chair_terms.sheet,
        chair_terms.row,
        chair_terms.unit_code as subject_key,
        chair_terms.term_no,
        chair_terms.study_session_count,
        chair_terms.start_on <= periods.ends_on
        and (chair_terms.end_on is null or chair_terms.end_on >= periods.starts_on) as is_in_period,
        chair_terms.start_on <= periods.ends_on
        and (chair_terms.end_on is null or chair_terms.end_on >= periods.starts_on)
        and coalesce(chair_terms.study_session_count, 0) > 0 as has_studied
    from chair_terms
    inner join periods on chair_terms.period = periods.period
)

select * from final
