{{ config(materialized='view') }}

with

award_opinions as (
    select * from {{ ref('fct_award_opinion') }}
),

final as (
    select
        submission_id,
        unit_code,
        period,
        sheet,
        row,
        unit_code as subject_key,
        unit_name,
        award_name,
        filed_on,
        opinion_on,
        true as is_application,
        coalesce(opinion_on < filed_on, false) as is_heard_before_filing
    from award_opinions
)

select * from final
